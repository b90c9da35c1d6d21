internal import AnalyticsConnections
internal import AnalyticsText
public import Foundation

/// The status of a migration in one database.
public struct MigrationStatus: Sendable, Hashable, CustomStringConvertible {
  /// The state of a migration.
  public enum State: Sendable, Hashable {
    /// Known to this version, but not applied yet.
    case pending
    /// Applied, with the SQL that this version knows.
    case applied(at: Date)
    /// Applied, but with other SQL: a published migration was edited.
    case edited(at: Date)
    /// Applied by a newer version, which knows more migrations than this one.
    case unknown(at: Date)
  }

  /// The position in the history, from 1 on.
  public let version: Int
  /// What the migration does, in snake_case.
  public let name: String
  /// Whether it runs before or after the roll-out.
  public let phase: MigrationPhase
  /// The state in this database.
  public let state: State

  /// One line, such as `001_create_analytics_events (pre): applied 2026-01-31T08:09:10Z`.
  public var description: String {
    let title = MigrationTitle.text(version: version, name: name)
    return "\(title) (\(phase.rawValue)): \(state.wording)"
  }
}

extension MigrationStatus.State {
  fileprivate var wording: String {
    switch self {
    case .pending: "pending"
    case .applied(let date): "applied \(date.utcText)"
    case .edited(let date): "applied \(date.utcText), but its SQL was edited since"
    case .unknown(let date): "applied \(date.utcText) by a newer version of analytics"
    }
  }
}

/// The database's record of an applied migration.
struct MigrationRecord: Sendable, Hashable {
  var version: Int
  var name: String
  var phase: MigrationPhase
  var checksum: String
  var appliedAt: Date
}

/// The migrations that this version knows, compared with those that were applied. It makes
/// decisions and accesses no database.
struct MigrationHistory: Sendable {
  /// Sorted by version.
  let known: [Migration]
  let records: [Int: MigrationRecord]

  init(known: [Migration], records: [MigrationRecord]) {
    let ordered = known.sorted { $0.version < $1.version }
    precondition(
      zip(ordered, ordered.dropFirst()).allSatisfy { $0.version < $1.version },
      "two migrations have the same version")
    self.known = ordered
    self.records = Dictionary(uniqueKeysWithValues: records.map { ($0.version, $0) })
  }

  /// The status of all migrations that are known or were applied, sorted by version.
  var statuses: [MigrationStatus] {
    let ours = known.map { migration in
      MigrationStatus(
        version: migration.version, name: migration.name, phase: migration.phase,
        state: state(of: migration))
    }
    let theirs = unknown.map { record in
      MigrationStatus(
        version: record.version, name: record.name, phase: record.phase,
        state: .unknown(at: record.appliedAt))
    }
    return (ours + theirs).sorted { $0.version < $1.version }
  }

  /// Returns the migrations that `selection` has to apply, sorted by version.
  ///
  /// - Throws: `outOfOrder`, `edited` or `unknown`. Then nothing may be applied.
  func pending(_ selection: MigrationSelection) throws(StoreError) -> [Migration] {
    let edited = known.filter { if case .edited = state(of: $0) { true } else { false } }
    if !edited.isEmpty { throw .edited(edited.map(\.title)) }
    let pending = known.filter { records[$0.version] == nil }
    let missing = pending.filter { !selection.includes(.pre) && $0.phase == .pre }
    if !missing.isEmpty { throw .outOfOrder(missing.map(\.title)) }
    let selected = pending.filter { selection.includes($0.phase) }
    if selected.isEmpty { return [] }
    // This version's migrations may not fit the tables of a newer version.
    if !unknown.isEmpty {
      throw .unknown(unknown.map { MigrationTitle.text(version: $0.version, name: $0.name) })
    }
    return selected
  }

  /// Whether a newer version has migrated the database.
  var isNewer: Bool { !unknown.isEmpty }

  private var unknown: [MigrationRecord] {
    let versions = Set(known.map(\.version))
    return records.values.filter { !versions.contains($0.version) }
      .sorted { $0.version < $1.version }
  }

  private func state(of migration: Migration) -> MigrationStatus.State {
    guard let record = records[migration.version] else { return .pending }
    return record.checksum == migration.checksum
      ? .applied(at: record.appliedAt) : .edited(at: record.appliedAt)
  }
}
