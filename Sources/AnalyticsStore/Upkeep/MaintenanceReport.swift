internal import AnalyticsText
public import Foundation

/// The result of a run of ``Maintenance``.
public struct MaintenanceReport: Sendable, Hashable, Encodable, CustomStringConvertible {
  /// Whether another process was running maintenance, so that this run did nothing.
  public var isBusyElsewhere = false
  /// The number of partitions that were created ahead of time.
  public var partitionsMade = 0
  /// The names of the dropped partitions.
  public var dropped: [String] = []
  /// The partitions that are to be dropped but are still in use. The next run tries again.
  public var waiting: [String] = []
  /// The number of dead letters that were dropped because retention has dropped their days, so that
  /// they cannot be stored any more.
  public var deadLettersDropped = 0
  /// The number of usage periods that were dropped.
  public var usagePeriodsDropped = 0
  /// The retention boundary: raw events before it have been dropped. `nil` if none were.
  public var droppedBefore: Date?

  /// The report in one line.
  public var description: String {
    if isBusyElsewhere { return "nothing done: another process is running maintenance" }
    var parts = [
      "partitions created: \(partitionsMade)", "dropped: \(Self.list(dropped))",
    ]
    if !waiting.isEmpty { parts.append("in use, will be dropped later: \(Self.list(waiting))") }
    if deadLettersDropped > 0 {
      parts.append("expired dead letters dropped: \(deadLettersDropped)")
    }
    if usagePeriodsDropped > 0 { parts.append("usage periods dropped: \(usagePeriodsDropped)") }
    if let droppedBefore {
      let text = droppedBefore.utcText
      parts.append("raw events kept from \(text)")
    } else {
      parts.append("no raw events dropped yet")
    }
    return parts.joined(separator: "; ")
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "0" : "\(names.count) (\(names.joined(separator: ", ")))"
  }
}
