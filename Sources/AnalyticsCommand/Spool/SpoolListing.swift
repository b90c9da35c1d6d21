import Analytics
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The contents of a spool as the command prints them.
struct SpoolListing: Encodable {
  struct Pending: Encodable {
    var producer: String
    var isAlive: Bool
    var destination: String
    /// `nil` if the process never reached the database.
    var installation: String?
    var service: String
    var since: String
    var events: Int
    var bytes: Int
    var reason: String
  }

  struct Unreadable: Encodable {
    var path: String
    var reason: String
  }

  var pending: [Pending] = []
  var unreadable: [Unreadable] = []

  init(_ report: SpoolReport) {
    for producer in report.producers {
      pending += producer.pending.map { pending in
        Pending(
          producer: producer.id, isAlive: producer.isAlive, destination: pending.destination,
          installation: pending.installation?.uuidString.lowercased(), service: pending.service,
          since: pending.since.description, events: pending.events, bytes: pending.bytes,
          reason: Self.reason(pending, isAlive: producer.isAlive))
      }
      unreadable += producer.unreadable.map { Unreadable(path: $0.path, reason: $0.reason) }
    }
  }

  private static func reason(_ pending: SpoolReport.Pending, isAlive: Bool) -> String {
    if isAlive {
      return "its process is running and delivers these events; if their number does not fall, see "
        + "that process's log"
    }
    return pending.installation == nil
      ? "its process ended before it reached the database: a worker or `spool drain` with the same "
        + "user, host, database and options delivers these events"
      : "its process has ended: a worker for this installation delivers these events, or "
        + "`spool drain`"
  }

  /// The listing for people.
  var text: String {
    var lines = pending.map { pending in
      """
      \(pending.events.grouped) events (\(pending.bytes.grouped) bytes) of \
      \(DisplayText.line(pending.service)) for \(DisplayText.line(pending.destination))\
      \(pending.installation.map { " (installation \($0))" } ?? "") since \(pending.since)
        \(pending.producer): \(pending.reason)
      """
    }
    lines += unreadable.map { DisplayText.line("\($0.path) \($0.reason)") }
    return lines.isEmpty ? "nothing waits" : lines.joined(separator: "\n")
  }
}
