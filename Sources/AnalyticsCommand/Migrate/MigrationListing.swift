import AnalyticsStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The state of all migrations, for scripts.
struct MigrationListing: Encodable {
  struct Entry: Encodable {
    var version: Int
    var name: String
    var phase: MigrationPhase
    var state: String
    var appliedAt: Date?

    init(_ status: MigrationStatus) {
      (version, name, phase) = (status.version, status.name, status.phase)
      (state, appliedAt) =
        switch status.state {
        case .pending: ("pending", nil)
        case .applied(let date): ("applied", date)
        case .edited(let date): ("edited", date)
        case .unknown(let date): ("unknown", date)
        }
    }
  }

  /// `nil` before the tables exist.
  var engine: String?
  /// The findings that `doctor` has about compression, retention and rollups.
  var storage: [Finding]
  var migrations: [Entry]

  init(_ statuses: [MigrationStatus], _ storage: StorageReport?, _ rollups: RollupFacts?) {
    engine = storage?.engine.rawValue
    self.storage =
      (storage.map { [Diagnosis.compression($0), Diagnosis.retention($0)] } ?? [])
      + (rollups.map { [Diagnosis.rollups($0)] } ?? [])
    migrations = statuses.map(Entry.init)
  }

  /// Prints a list of migrations, for people or as a JSON array.
  static func print(_ statuses: [MigrationStatus], orElse nothing: String, json: Bool) throws {
    if json { return Swift.print(try JSONReport.text(statuses.map(Entry.init))) }
    for status in statuses { StandardOutput.print(status.description) }
    if statuses.isEmpty { StandardOutput.print(nothing) }
  }
}
