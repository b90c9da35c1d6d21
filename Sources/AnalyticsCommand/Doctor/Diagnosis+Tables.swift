import AnalyticsStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Verdicts on what somebody has changed by hand.
extension Diagnosis {
  static func tables(_ report: SchemaReport) -> [Finding] {
    [columns(report), logging(report), triggers(report)]
  }

  private static func columns(_ report: SchemaReport) -> Finding {
    report.missing.isEmpty
      ? .ok("columns", "as the migrations made them")
      : .fail(
        "columns", "missing: \(list(report.missing))",
        "give what was renamed its name again, or restore it from a backup")
  }

  private static func logging(_ report: SchemaReport) -> Finding {
    guard let first = report.unlogged.first else { return .ok("logging", "all tables are logged") }
    return .fail(
      "logging", "UNLOGGED: \(list(report.unlogged)): a crash of the server empties them",
      "ALTER TABLE \(first) SET LOGGED")
  }

  private static func triggers(_ report: SchemaReport) -> Finding {
    let name = "triggers"
    if !report.missingTriggers.isEmpty {
      return .fail(
        name, "missing: \(list(report.missingTriggers))", "restore them from a backup")
    }
    if let first = report.disabledTriggers.first {
      return .fail(
        name, "switched off: \(list(report.disabledTriggers))",
        "ALTER TABLE \(first.table) ENABLE TRIGGER \(first.name)")
    }
    return report.foreignTriggers.isEmpty
      ? .ok(name, "as the migrations made them")
      : .warn(
        name, "not of these migrations: \(list(report.foreignTriggers))",
        "make sure that they neither change events nor keep them out, or drop them")
  }

  /// - Parameter days: Of which the rollups count more events than are stored.
  static func rawEvents(_ days: [Date], detached: [String: String]) -> Finding {
    let name = "raw events"
    guard let first = days.first, let last = days.last else {
      return .ok(name, "on each day that the rollups count")
    }
    let (from, to) = (first.utcDay, last.addingTimeInterval(86_400).utcDay)
    let found =
      "dropped, detached or emptied by hand on \(days.count.grouped) days from \(from) on, which rollups "
      + "count: importing their events again would count them twice, and is refused"
    if let statement = detached.values.min() {
      return .warn(name, "\(found); \(list(detached.keys.sorted())) is detached", statement)
    }
    return .warn(
      name, found,
      "reports keep the figures; to import the events again, give these figures up before: "
        + "`analytics rollups recompute --from \(from) --to \(to)`")
  }

  private static func list(_ names: [some CustomStringConvertible]) -> String {
    let shown = names.prefix(5).map(\.description).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \((names.count - 5).grouped) more" : shown
  }
}
