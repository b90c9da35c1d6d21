internal import AnalyticsText
public import Foundation

/// What a run of ``Maintenance`` did.
public struct MaintenanceReport: Sendable, Hashable, Encodable, CustomStringConvertible {
  /// Whether another process was at it, so that this one did nothing.
  public var isBusyElsewhere = false
  /// How many partitions were made ahead of time.
  public var partitionsMade = 0
  /// The partitions that were dropped.
  public var dropped: [String] = []
  /// Partitions that are to be dropped, but somebody reads or writes still; the next run goes on.
  public var waiting: [String] = []
  /// How many dead letters went with their days: they could not be stored any more.
  public var deadLettersDropped = 0
  /// How many usage periods were dropped.
  public var usagePeriodsDropped = 0
  /// Up to where raw events were ever dropped; `nil` if none were.
  public var droppedBefore: Date?

  /// One line.
  public var description: String {
    if isBusyElsewhere { return "nothing done: another process is at it" }
    var parts = [
      "partitions made: \(partitionsMade)", "dropped: \(Self.list(dropped))",
    ]
    if !waiting.isEmpty { parts.append("in use, dropped next time: \(Self.list(waiting))") }
    if deadLettersDropped > 0 {
      parts.append("expired dead letters dropped: \(deadLettersDropped)")
    }
    if usagePeriodsDropped > 0 { parts.append("usage periods dropped: \(usagePeriodsDropped)") }
    if let droppedBefore {
      let text = RFC3339.text(secondsSinceUnixEpoch: droppedBefore.timeIntervalSince1970)
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
