internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Decides who may ask for what, and how often.
final class Gatekeeper: Sendable {
  private let database: ServerDatabase
  private let limiter: RateLimiter
  private let needsKeys: Bool
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let seen = Mutex<[Proof: Finding]>([:])

  /// How a caller shows which key is theirs.
  private enum Proof: Hashable {
    case hash([UInt8])
    case session(UUID)
  }

  /// What the database said of a key, and when; `nil` for one that does not exist or was revoked.
  private struct Finding {
    var record: KeyRecord?
    var at: ContinuousClock.Instant
  }

  /// A key that is revoked stops within this time.
  static let trust: Duration = .seconds(5)
  private static let findingsMax = 10_000

  init(
    database: ServerDatabase, limiter: RateLimiter, needsKeys: Bool,
    instant: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.database = database
    self.limiter = limiter
    self.needsKeys = needsKeys
    self.instant = instant
  }

  /// Lets a request in.
  ///
  /// - Parameter address: Where it comes from.
  /// - Throws: A problem of status 401, 403, 429, or 503 when the database cannot be asked.
  func admit(
    _ request: Request, from address: String, need: Role, now: Date
  ) async throws -> Caller {
    guard let record = try await record(request, from: address, now: now) else {
      // A wrong key is told so even where none is needed.
      guard !needsKeys, request.headers[.authorization] == nil else {
        try spend(address)
        throw Self.refusal
      }
      try spend(address)
      return .anybody
    }
    try spend(record.id.uuidString)
    guard record.role.allows(need) else {
      throw Problem(
        .forbidden, "this key has the role \(record.role.rawValue), which may not do this")
    }
    return Caller(key: record.id, name: record.name, role: record.role)
  }

  /// The key of a text that somebody types.
  func record(of key: AccessKey, from address: String) async throws -> KeyRecord? {
    try await record(.hash(key.hash), from: address)
  }

  private func record(
    _ request: Request, from address: String, now: Date
  ) async throws -> KeyRecord? {
    if let header = request.headers[.authorization] {
      guard let key = Self.bearer(header).flatMap({ AccessKey($0) }) else { return nil }
      return try await record(.hash(key.hash), from: address)
    }
    guard let cookie = request.sessionCookie, let session = Session(cookie, now: now) else {
      return nil
    }
    let record = try await record(.session(session.key), from: address)
    return record.flatMap { session.isValid(for: $0) ? $0 : nil }
  }

  private func record(_ proof: Proof, from address: String) async throws -> KeyRecord? {
    let known = seen.withLock { $0[proof] }
    if let known, known.at.duration(to: instant()) < Self.trust { return known.record }
    // Guessing asks the database, so it is bounded by where it comes from.
    if known?.record == nil { try spend(address) }
    let record =
      switch proof {
      case .hash(let hash): try await database.key(hash: hash)
      case .session(let id): try await database.key(id: id)
      }
    let finding = Finding(record: record, at: instant())
    seen.withLock { seen in
      if seen.count >= Self.findingsMax { seen.removeAll() }
      seen[proof] = finding
    }
    return record
  }

  /// Counts a request, of a key or from an address.
  func spend(_ name: String) throws {
    guard let wait = limiter.take(name) else { return }
    throw Problem(
      .tooManyRequests, "too many requests: wait for \(wait) s",
      headers: [.retryAfter: String(wait)])
  }

  private static func bearer(_ header: String) -> Substring? {
    let parts = header.split(at: " ", maxSplits: 1)
    return parts.count == 2 && parts[0].asciiLowercased == "bearer" ? parts[1] : nil
  }

  private static let refusal = Problem(
    .unauthorized,
    "a key is needed: send `Authorization: Bearer …`; `analytics keys create` makes one",
    headers: [.wwwAuthenticate: "Bearer"])
}
