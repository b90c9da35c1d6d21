import Analytics
import AnalyticsStore
import Foundation
import Logging
import Synchronization

/// A service that tracks numbered events and stores them in PostgreSQL, until it is killed.
///
/// ```
/// AnalyticsServiceSubject <database URL> <spool directory> <threads> <incarnation>
///     <events in a burst> <acknowledgements file> <worker|no-worker|paced>
/// ```
/// Each thread tracks `service_subject` events with the incarnation, its own number and a sequence from 1, a burst each
/// millisecond. After `track` has returned, it stores the sequence in its place in the acknowledgements file, which is
/// mapped shared: 8 bytes in the machine's order, 64 bytes apart. So the file shows which events were accepted,
/// whenever the process dies.
///
/// `worker` waits while a thousand events are pending, so that a slow machine does not get more of them than it can
/// store. `no-worker` stores nothing.
///
/// `paced` is a worker with the default settings. Its bursts follow the clock every 10 ms, so a late burst does not
/// delay the following ones.
///
/// With other arguments it is ``ExitSubject``.
///
/// It ends when its standard input closes, so that it never outlives the process that started it.
@main
struct ServiceSubject {
  static func main() async throws {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == "exit" { try await ExitSubject.run(url: arguments[2]) }
    guard arguments.count == 8, let threads = Int(arguments[3]),
      let incarnation = Int(arguments[4]), let burst = Int(arguments[5])
    else { fatalError("seven arguments are needed") }
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(0, &byte, 1) > 0 {}
      _exit(0)
    }

    let isPaced = arguments[7] == "paced"
    let isEager = arguments[7] == "worker"
    let configuration =
      isPaced
      ? AnalyticsConfiguration(
        service: "service-subject", buffer: .durable(directory: arguments[2]))
      : .eager(directory: arguments[2])
    let sink = try PostgresEventSink(url: arguments[1])
    let client = try AnalyticsClient(configuration, sink: sink)

    let acknowledgements = try Acknowledgements(path: arguments[6], threads: threads)
    for thread in 0..<threads {
      Thread.detachNewThread {
        let pace = Pace(
          burst: burst, isByTheClock: isPaced, pendingMax: isEager ? 1_000 : .max)
        track(client, incarnation, thread: thread, pace, acknowledgements)
      }
    }
    if arguments[7] != "no-worker" {
      let logger = Logger(label: "subject") { _ in SwiftLogNoOpLogHandler() }
      try await AnalyticsWorker(client, logger: logger).run()
    } else {
      Thread.detachNewThread { withExtendedLifetime(client) { while true { pause() } } }
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }
  }

  private static func track(
    _ client: AnalyticsClient, _ incarnation: Int, thread: Int, _ pace: Pace,
    _ acknowledgements: Acknowledgements
  ) {
    for sequence in 1... {
      let event = NumberedEvent(
        incarnation: incarnation, thread: thread, sequence: sequence,
        padding: String(repeating: "x", count: sequence * 37 % 300))
      guard client.track(event) == nil else { return }
      acknowledgements.store(sequence, for: thread)
      pace.wait(after: sequence, client)
    }
  }
}

extension AnalyticsConfiguration {
  /// Small segments and batches, so that a short run commits often and can be killed at any point between two commits.
  fileprivate static func eager(directory: String) -> AnalyticsConfiguration {
    var configuration = AnalyticsConfiguration(
      service: "service-subject",
      buffer: .durable(directory: directory, limitBytes: 64 << 20, syncInterval: .milliseconds(50)))
    configuration.segmentBytes = 64 << 10
    configuration.batchSize = 20
    configuration.batchRowsMax = 500
    configuration.flushInterval = .milliseconds(50)
    configuration.recoveryInterval = .milliseconds(100)
    return configuration
  }
}

/// When the next burst is due.
private struct Pace {
  let burst: Int
  let isByTheClock: Bool
  let pendingMax: Int
  let start = ContinuousClock.now

  func wait(after sequence: Int, _ client: AnalyticsClient) {
    guard sequence % burst == 0 else { return }
    guard isByTheClock else {
      repeat { poll(nil, 0, 1) } while client.accounting.pending > pendingMax
      return
    }
    let due = start + .milliseconds(10 * sequence / burst)
    while ContinuousClock.now < due { poll(nil, 0, 1) }
  }
}

private struct NumberedEvent: TrackableEvent {
  static let eventType: StaticString = "service_subject"
  var incarnation: Int
  var thread: Int
  var sequence: Int
  var padding: String

  func encode(to fields: inout EventFields) {
    fields.add("incarnation", incarnation)
    fields.add("thread", thread)
    fields.add("sequence", sequence)
    fields.add("padding", padding)
  }
}

/// One number for each thread, in a file that outlives the process.
private struct Acknowledgements: @unchecked Sendable {
  private let base: UnsafeMutableRawPointer

  init(path: String, threads: Int) throws {
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    guard file >= 0, ftruncate(file, off_t(64 * threads)) == 0,
      let base = mmap(nil, 64 * threads, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      base != MAP_FAILED
    else { fatalError("the acknowledgements file cannot be mapped") }
    self.base = base
  }

  func store(_ sequence: Int, for thread: Int) {
    (base + 64 * thread).assumingMemoryBound(to: Atomic<Int>.self).pointee
      .store(sequence, ordering: .releasing)
  }
}
