import Analytics
import AnalyticsStore
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A notice about events before some instant, shown once when the first of them is read.
struct OldEventNotice: Sendable, Hashable {
  var before: EventTimestamp
  var text: String

  /// The notices about what retention does with imported events.
  ///
  /// - Parameter isLocal: Whether it is the database of `--local`, whose events `analytics
  ///   maintain` keeps forever.
  static func of(_ storage: StorageReport, isLocal: Bool, now: Date = Date()) -> [OldEventNotice] {
    var notices: [OldEventNotice] = []
    func add(before date: Date, _ text: String) {
      let instant = EventTimestamp(microsecondsSinceUnixEpoch: date.microsecondsSinceUnixEpoch)
      notices.append(OldEventNotice(before: instant, text: text))
    }
    if let boundary = storage.droppedBefore {
      add(
        before: boundary,
        "events before \(boundary.utcText) are rejected (expired): retention has dropped their days; "
          + "import them into a database of their own")
    }
    guard !isLocal, let days = MaintenanceOptions().keepDays else { return notices }
    let bound = now.addingDays(-days)
    add(
      before: bound,
      "raw events older than \(days) days are dropped by `analytics maintain`, unless it is given --keep-days "
        + "or --keep-forever; figures stay")
    if let job = storage.retention, job.isScheduled {
      let next = job.nextRun.map { ", next at \($0.utcText)" } ?? ""
      add(
        before: bound,
        "raw events older than \(job.age) are dropped by the server's job \(job.id), too\(next); to keep "
          + "them: SELECT delete_job(\(job.id))")
    }
    return notices
  }
}
