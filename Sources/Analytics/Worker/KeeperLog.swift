import Logging
import Synchronization

/// What the keeper tells operators: each trouble once when it begins and once when it is over, however
/// often it is met.
final class KeeperLog: Sendable {
  private let logger: Logger
  private let state = Mutex(State())

  private struct State {
    var failing: Set<Chore> = []
    var dropped = 0
    var isDropping = false
  }

  /// What may fail for a while.
  enum Chore: String {
    case prepare = "new segments cannot be made; events are dropped where the present ones are full"
    case sync = "segments cannot be synced; a power loss would cost what is in them"
    case search = "the spool cannot be searched for what dead processes left"
    case remove = "segments cannot be removed"
  }

  init(_ logger: Logger) { self.logger = logger }

  func attempted(_ chore: Chore, _ error: SystemError?) {
    let isNews = state.withLock { state in
      error == nil ? state.failing.remove(chore) != nil : state.failing.insert(chore).inserted
    }
    if isNews, let error {
      logger.warning("\(chore.rawValue)", metadata: ["analytics.reason": "\(error)"])
    } else if isNews {
      logger.info("no longer so: \(chore.rawValue)")
    }
  }

  func found(_ finding: SpoolFinding) {
    for problem in finding.problems {
      logger.warning(
        "a part of the spool cannot be read and is left alone",
        metadata: ["analytics.reason": "\(problem)"])
    }
    guard finding.folders > 0 else { return }
    logger.info(
      finding.hasMore
        ? "events of ended processes are taken over; more wait until these are stored"
        : "events of ended processes are taken over",
      metadata: [
        "analytics.events": "\(finding.rows)", "analytics.processes": "\(finding.folders)",
      ])
  }

  func lost(_ losses: [LostRows]) {
    for loss in losses {
      logger.error(
        "events in the spool are lost",
        metadata: ["analytics.events": "\(loss.count)", "analytics.reason": "\(loss.reason)"])
    }
  }

  /// Called at intervals: says when events begin to be dropped, and when that is over.
  func dropped(_ reasons: [DropReason: Int]) {
    // Of these, each has a line of its own.
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
