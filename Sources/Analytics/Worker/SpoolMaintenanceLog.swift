import Logging
import Synchronization

/// The log of spool maintenance: each problem is logged once when it begins and once when it is
/// over, however often it occurs.
final class SpoolMaintenanceLog: Sendable {
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    var failing: Set<Chore> = []
    var dropped = 0
    var isDropping = false
  }

  /// A task that may fail for a while. The raw value is the log message of a failure.
  enum Chore: String {
    case prepare =
      "new segments cannot be created; events are dropped once the existing ones are full"
    case sync = "segments cannot be synced; a power loss would lose their latest events"
    case search = "the spool cannot be searched for orphaned segments"
    case remove = "segments cannot be removed"

    /// The log message when the task succeeds again.
    var recovered: String {
      switch self {
      case .prepare: "new segments can be created again"
      case .sync: "segments are synced again"
      case .search: "the spool can be searched again"
      case .remove: "segments can be removed again"
      }
    }
  }

  init(_ logger: Logger) { self.logger = logger }

  func attempted(_ chore: Chore, _ error: SystemError?) {
    let isNews = state.withLock { state in
      error == nil ? state.failing.remove(chore) != nil : state.failing.insert(chore).inserted
    }
    if isNews, let error {
      logger.warning("\(chore.rawValue)", metadata: ["analytics.reason": "\(error)"])
    } else if isNews {
      logger.info("recovered: \(chore.recovered)")
    }
  }

  func found(_ finding: SpoolFinding) {
    for problem in finding.problems {
      logger.warning(
        "part of the spool cannot be read; it is left unchanged",
        metadata: ["analytics.reason": "\(problem)"])
    }
    guard finding.directories > 0 else { return }
    logger.info(
      finding.hasMore
        ? "events of ended processes are adopted; more wait until these are stored"
        : "events of ended processes are adopted",
      metadata: [
        "analytics.events": "\(finding.rows)", "analytics.processes": "\(finding.directories)",
      ])
  }

  func lost(_ losses: [LostRows]) {
    for loss in losses {
      logger.error(
        "events in the spool are lost",
        metadata: ["analytics.events": "\(loss.count)", "analytics.reason": "\(loss.reason)"])
    }
  }

  /// Logs when events begin to be dropped, and when that is over. Called at intervals.
  func dropped(_ reasons: [DropReason: Int]) {
    // Losses and shutdowns have log lines of their own.
    let reasons = reasons.filter { $0.key != .lost && $0.key != .shutdown }
    let count = reasons.values.reduce(0, +)
    let (isDropping, isNews) = state.withLock { state in
      let was = state.isDropping
      state.isDropping = count > state.dropped
      state.dropped = count
      return (state.isDropping, state.isDropping != was)
    }
    guard isNews else { return }
    let totals = reasons.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue) \($0.value)" }.joined(separator: ", ")
    logger.log(
      level: isDropping ? .warning : .info,
      isDropping ? "events are dropped" : "no more events are dropped",
      metadata: ["analytics.dropped": "\(totals)"])
  }
}
