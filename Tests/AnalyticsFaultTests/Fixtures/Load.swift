import Analytics
import Foundation
import Synchronization

extension AnalyticsEvent {
  static func sample() -> AnalyticsEvent {
    .taskCreated(taskID: UUID(), userID: UUID(), command: "make test")
  }
}

/// Threads that track until they are stopped, some 2,000 events a second each. Each event has an id of its own.
final class Load: Sendable {
  private let state: Mutex<(isOver: Bool, running: Int, acknowledged: Int)>
  private let ends = AsyncStream.makeStream(of: Void.self)

  init(_ client: AnalyticsClient, threads: Int) {
    state = Mutex((false, threads, 0))
    for _ in 0..<threads {
      Thread.detachNewThread { [self] in run(client) }
    }
  }

  /// How many events `track` has accepted.
  var acknowledged: Int { state.withLock { $0.acknowledged } }

  func stop() async {
    state.withLock { $0.isOver = true }
    for await _ in ends.stream {}
  }

  private func run(_ client: AnalyticsClient) {
    while !state.withLock({ $0.isOver }) {
      var taken = 0
      for _ in 0..<10 where client.track(.sample()) == nil { taken += 1 }
      state.withLock { $0.acknowledged += taken }
      poll(nil, 0, 5)
    }
    let isLast = state.withLock { state in
      state.running -= 1
      return state.running == 0
    }
    if isLast { ends.continuation.finish() }
  }
}
