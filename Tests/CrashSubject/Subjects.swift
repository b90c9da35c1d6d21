import Analytics
import Foundation

/// Programs with one thread that end by themselves. They test what happens when a process exits or forks.
///
/// ```
/// AnalyticsCrashSubject <program> <spool directory> <events>
/// ```
/// The client is a global variable, as in many services: only the end of the process releases it.
enum Subject: String {
  /// Tracks a number of events and calls `exit`.
  case brief
  /// Tracks a number of events, and forks a child. The child tracks as many and forks a grandchild, which tracks as
  /// many as well. The parent meanwhile tracks as many again.
  case family
  /// Tracks a number of events, forks a child that does nothing, prints the child's process id and is killed.
  case orphan

  nonisolated(unsafe) private static var client: AnalyticsClient?

  func run(spool: String, events: Int) throws -> Never {
    let configuration = AnalyticsConfiguration(
      service: "subject", buffer: .durable(directory: spool))
    Self.client = try AnalyticsClient(configuration, sink: NamedSink(destination: "memory"))
    switch self {
    case .brief: track(0..<events)
    case .family:
      track(0..<events)
      if forkProcess() == 0 {
        track(events..<2 * events)
        if forkProcess() == 0 {
          track(2 * events..<3 * events)
          exit(0)
        }
        waitForChild()
        exit(0)
      }
      track(3 * events..<4 * events)
      waitForChild()
    case .orphan:
      track(0..<events)
      let child = forkProcess()
      if child == 0 {
        // The child ends itself if the test does not kill it.
        alarm(600)
        while true { pause() }
      }
      print(child)
      fflush(nil)
      kill(getpid(), SIGKILL)
    }
    exit(0)
  }

  private func track(_ numbers: Range<Int>) {
    for number in numbers {
      guard Self.client?.track(SubjectEvent(number: number)) == nil else { exit(1) }
    }
  }

  private func waitForChild() {
    var status: Int32 = 0
    guard wait(&status) > 0, status == 0 else { exit(2) }
  }
}

private struct SubjectEvent: TrackableEvent {
  static let eventType: StaticString = "subject"
  var number: Int

  func encode(to fields: inout EventFields) { fields.add("number", number) }
}

/// Swift hides the system's `fork`, because few programs can continue after it.
@_silgen_name("fork") private func forkProcess() -> pid_t
