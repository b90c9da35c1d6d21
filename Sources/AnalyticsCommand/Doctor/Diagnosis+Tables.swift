import AnalyticsStore
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Verdicts on tables, triggers and raw events that were changed outside the migrations.
extension Diagnosis {
  static func tables(_ report: SchemaReport) -> [Finding] {
    guard report.missing.isEmpty else {
      return [
        .fail(
          "columns", "missing: \(list(report.missing))",
          "rename it back, or restore it from a backup")
      ]
    }
    guard let details = report.details else {
      return [.ok("columns", "those of rollups were not checked: this login may not")]
    }
    return [
      .ok("columns", "as the migrations made them"), logging(details.unlogged), triggers(details),
    ]
  }

  /// - Parameter unlogged: The tables as `TABLE name`, in the order in which they can be set to
  ///   logged.
  private static func logging(_ unlogged: [String]) -> Finding {
    guard !unlogged.isEmpty else { return .ok("logging", "all tables are logged") }
    return .fail(
      "logging", "UNLOGGED, so that a crash of the server empties them: \(list(unlogged))",
      unlogged.map { "ALTER \($0) SET LOGGED" }.joined(separator: "; "))
  }

  private static func triggers(_ details: SchemaReport.Details) -> Finding {
    let name = "triggers"
    if !details.missingTriggers.isEmpty {
      return .fail(
        name, "missing: \(list(details.missingTriggers))", "restore them from a backup")
    }
    if !details.disabledTriggers.isEmpty {
      return .fail(
        name, "switched off: \(list(details.disabledTriggers))",
        details.disabledTriggers.map { "ALTER TABLE \($0.table) ENABLE TRIGGER \($0.name)" }
          .joined(separator: "; "))
    }
    return details.foreignTriggers.isEmpty
      ? .ok(name, "as the migrations made them")
      : .warn(
        name, "not of these migrations: \(list(details.foreignTriggers))",
        "make sure that they neither change events nor keep them out, or drop them")
  }

  static func rawEvents(_ lost: LostDays) -> Finding {
    let name = "raw events"
    guard let first = lost.runs.first else {
      return .ok(name, "present for each day that the rollups count")
    }
    let days = lost.runs.map(\.text)
    let found =
      "dropped, detached or emptied by hand, while rollups count them: \(list(days)); importing them again "
      + "would count them twice, and is refused"
    if !lost.repairStatements.isEmpty {
      return .warn(name, found, lost.repairStatements.joined(separator: "; "))
    }
    return .warn(
      name, found,
      "to import them again, delete their figures first: `analytics rollups recompute --from \(first.from) "
        + "--to \(first.to)`; else see “Changed by hand” in docs/OPERATING.md")
  }

  private static func list(_ names: [some CustomStringConvertible]) -> String {
    let shown = names.prefix(5).map(\.description).joined(separator: ", ")
    return names.count > 5 ? "\(shown) and \((names.count - 5).grouped) more" : shown
  }
}

extension LostDays {
  /// A run of consecutive days.
  fileprivate struct Run {
    var first: Date
    var last: Date

    var from: String { first.utcDay }
    /// The day after the last one.
    var to: String { last.addingDays(1).utcDay }
    var text: String { first == last ? from : "\(from) to \(last.utcDay)" }
  }

  fileprivate var runs: [Run] {
    days.reduce(into: []) { runs, day in
      if let last = runs.last?.last, day.timeIntervalSince(last) == 86_400 {
        runs[runs.count - 1].last = day
      } else {
        runs.append(Run(first: day, last: day))
      }
    }
  }
}
