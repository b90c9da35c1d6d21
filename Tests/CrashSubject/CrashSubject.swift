import Analytics
import Foundation
import Synchronization

/// Tracks numbered events as fast as it can, until it is killed.
///
/// ```
/// AnalyticsCrashSubject <spool directory> <destination> <threads> <seed> <acknowledgements file>
/// ```
/// Each thread tracks `crash_subject` events with its own number and a sequence from 1. After `track` has returned, it
/// stores the sequence in its place in the acknowledgements file, which is mapped shared: 8 bytes in the machine's
/// order, 64 bytes apart. So the file shows which events were accepted, whenever the process dies. A full buffer ends
/// the tracking but not the process.
///
/// With other arguments it is one of the programs of ``Subject``.
@main
struct CrashSubject {
  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 4, let subject = Subject(rawValue: arguments[1]),
      let events = Int(arguments[3])
    {
      try subject.run(spool: arguments[2], events: events)
    }
    guard arguments.count == 6, let threads = Int(arguments[3]), let seed = UInt64(arguments[4])
    else { fatalError("five arguments are needed") }
    var configuration = AnalyticsConfiguration(
      service: "crash-subject",
      buffer: .durable(directory: arguments[1], limitBytes: 256 << 20))
    configuration.segmentBytes = 256 << 10
    let client = try AnalyticsClient(configuration, sink: NamedSink(destination: arguments[2]))
    let acknowledgements = try Acknowledgements(path: arguments[5], threads: threads)
    for thread in 0..<threads {
      Thread.detachNewThread {
        track(client, thread: thread, seed: seed, acknowledgements)
      }
    }
    while true { pause() }
  }

  private static func track(
    _ client: AnalyticsClient, thread: Int, seed: UInt64, _ acknowledgements: Acknowledgements
  ) {
    var random = seed &+ UInt64(thread)
    for sequence in 1... {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let event = NumberedEvent(
        thread: thread, sequence: sequence,
        padding: String(repeating: "x", count: Int(random >> 56)))
      guard client.track(event) == nil else { return }
      acknowledgements.store(sequence, for: thread)
    }
  }
}

private struct NumberedEvent: TrackableEvent {
  static let eventType: StaticString = "crash_subject"
  var thread: Int
  var sequence: Int
  var padding: String

  func encode(to fields: inout EventFields) {
    fields.add("thread", thread)
    fields.add("sequence", sequence)
    fields.add("padding", padding)
  }
}

/// A destination for the events. No worker runs here, so nothing is written to it.
struct NamedSink: EventSink {
  let destination: String

  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    throw EventSinkError(.retry, "nothing is stored here")
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    throw EventSinkError(.retry, "nothing is stored here")
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
