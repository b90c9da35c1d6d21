import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsText
import Foundation

/// The output of `analytics keys list`.
struct KeyListing: Encodable {
  private let keys: [Key]

  private struct Key: Encodable {
    var id: UUID
    var name: String
    var role: String
    var prefix: String
    var createdAt: Date
    var revokedAt: Date?
    var lastUsedOn: String?
  }

  init(_ entries: [AccessKeys.Entry]) {
    keys = entries.map { entry in
      Key(
        id: entry.id, name: entry.name, role: entry.role, prefix: entry.prefix,
        createdAt: entry.createdAt, revokedAt: entry.revokedAt, lastUsedOn: entry.lastUsedOn)
    }
  }

  var text: String {
    guard !keys.isEmpty else { return "no keys: `analytics keys create NAME` makes one" }
    return keys.map { key in
      let state =
        key.revokedAt.map { "revoked \($0.utcText)" }
        ?? key.lastUsedOn.map { "last used \($0)" } ?? "never used"
      return DisplayText.line("\(key.prefix)…  \(key.role)  \(key.name)  \(state)")
    }.joined(separator: "\n")
  }
}

extension AnalyticsDatabase {
  func withKeys<Result>(_ body: (AccessKeys) async throws -> Result) async throws -> Result {
    try await requireMigrated()
    return try await withSession { try await body(try await AccessKeys(self, on: $0)) }
  }
}
