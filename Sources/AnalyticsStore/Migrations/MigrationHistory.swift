internal import AnalyticsConnections
internal import AnalyticsText
public import Foundation

/// Where a migration stands in one database.
public struct MigrationStatus: Sendable, Hashable, CustomStringConvertible {
  /// Where a migration stands.
  public enum State: Sendable, Hashable {
    /// Known here, not yet applied.
    case pending
    /// Applied, as it is known here.
    case applied(at: Date)
    /// Applied, but its SQL was another: somebody edited a published migration.
    case edited(at: Date)
    /// Applied by a newer binary, which knows more migrations than this one.
    case unknown(at: Date)
  }

  /// The place in the history, from 1 on.
  public let version: Int
  /// What it does, in snake_case.
  public let name: String
  /// Before or after the roll-out.
  public let phase: MigrationPhase
  /// Where it stands.
  public let state: State

  /// One line: `001_create_analytics_events (pre): applied 2026-01-31T08:09:10Z`.
  public var description: String {
    let title = MigrationTitle.text(version: version, name: name)
    return "\(title) (\(phase.rawValue)): \(state.wording)"
  }
}

extension MigrationStatus.State {
  fileprivate var wording: String {
    switch self {
    case .pending: "pending"
    case .applied(let date): "applied \(Self.text(date))"
    case .edited(let date): "applied \(Self.text(date)), but its SQL was edited since"
    case .unknown(let date): "applied \(Self.text(date)) by a newer version of analytics"
    }
  }

  private static func text(_ date: Date) -> String {
    RFC3339.text(secondsSinceUnixEpoch: date.timeIntervalSince1970)
  }
}

/// What the database says was applied.
struct MigrationRecord: Sendable, Hashable {
  var version: Int
  var name: String
  var phase: MigrationPhase
  var checksum: String
  var appliedAt: Date
}

/// What is known here against what was applied there. Decides; touches no database.
struct MigrationHistory: Sendable {
  /// In order of version.
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

  /// All that are known or were applied, in order of version.
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

  /// What `selection` has to apply, in order of version.
  ///
  /// - Throws: `outOfOrder`, `edited` or `unknown`; nothing may be applied then.
  func pending(_ selection: MigrationSelection) throws(StoreError) -> [Migration] {
    let edited = known.filter { if case .edited = state(of: $0) { true } else { false } }
    if !edited.isEmpty { throw .edited(edited.map(\.title)) }
    let pending = known.filter { records[$0.version] == nil }
    let missing = pending.filter { !selection.includes(.pre) && $0.phase == .pre }
    if !missing.isEmpty { throw .outOfOrder(missing.map(\.title)) }
    let selected = pending.filter { selection.includes($0.phase) }
    if selected.isEmpty { return [] }
    // Ours may not fit on top of what a newer version made.
    if !unknown.isEmpty {
      throw .unknown(unknown.map { MigrationTitle.text(version: $0.version, name: $0.name) })
    }
    return selected
  }

  /// Whether a newer version has been at work.
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
