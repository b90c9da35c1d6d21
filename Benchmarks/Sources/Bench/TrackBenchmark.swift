import Analytics
import CAllocationCount
import Foundation
import Synchronization

/// The cost of one call of `track`, compared with the least that it could cost.
enum TrackBenchmark {
  static let rounds = 41
  static let eventsPerRound = 10_000

  static func run() throws {
    let directory = NSTemporaryDirectory() + "analytics-bench-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: directory) }
    print("## track: nanoseconds an event, median of \(rounds) rounds of \(eventsPerRound)\n")
    row("way", "1 thread", "of the floor", "2 threads", "of the floor")
    row("---", "---:", "---:", "---:", "---:")
    var results: [String: [[Double]]] = [:]
    let ways = try Ways(directory: directory)
    let names = ways.all.map(\.name)
    for round in 0..<rounds {
      // Each round runs all ways once in another order, so that noise affects all of them alike.
      for index in names.indices {
        let way = ways.all[(index + round) % names.count]
        for threads in 1...2 {
          let time = measure(threads: threads, way.body)
          results[way.name, default: [[], []]][threads - 1].append(time)
        }
      }
    }
    let floor = results["floor"].map { $0.map(\.median) } ?? [1, 1]
    for name in names {
      let medians = (results[name] ?? []).map(\.median)
      row(
        name, medians[0].rounded, (medians[0] / floor[0]).twoDigits, medians[1].rounded,
        (medians[1] / floor[1]).twoDigits)
    }
    print("\nallocations in \(eventsPerRound) calls of track: \(ways.allocations())\n")
  }

  /// Nanoseconds for an event on each of a number of concurrent threads.
  static func measure(threads: Int, _ body: @Sendable (_ lane: Int) -> Void) -> Double {
    let times = Mutex<[Double]>([])
    let ready = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threads) { lane in
      ready.add(1, ordering: .sequentiallyConsistent)
      while ready.load(ordering: .sequentiallyConsistent) < threads {}
      let time = nanoseconds { body(lane) }
      times.withLock { $0.append(time) }
    }
    return times.withLock { $0.max() ?? 0 } / Double(eventsPerRound)
  }
}

/// The ways that are compared. Each has a body for one round of one thread.
struct Ways {
  struct Way {
    let name: String
    let body: @Sendable (_ lane: Int) -> Void
  }
  let all: [Way]
  private let durable: AnalyticsClient

  init(directory: String) throws {
    let count = TrackBenchmark.eventsPerRound
    let event = AnalyticsEvent.taskCreated(
      taskID: UUID(), userID: UUID(), command: "swift build -c release --product server!")

    // The segments are so large that no new one is needed while the clock runs. Spool maintenance makes new segments,
    // and the latency benchmark measures that.
    var configuration = AnalyticsConfiguration(
      service: "bench", environment: "production",
      buffer: .durable(directory: directory, limitBytes: 32 << 30))
    configuration.segmentBytes = 256 << 20
    let durable = try AnalyticsClient(configuration, sink: DiscardingSink())
    self.durable = durable

    let floors = [Floor(), Floor()]
    let shared = Mutex<[AnalyticsEvent]>([])
    let (stream, continuation) = AsyncStream.makeStream(
      of: AnalyticsEvent.self, bufferingPolicy: .unbounded)
    let drain = Task.detached { for await _ in stream {} }
    _ = drain
    all = [
      Way(name: "floor") { lane in for _ in 0..<count { floors[lane].step() } },
      Way(name: "track, durable") { _ in for _ in 0..<count { durable.track(event) } },
      Way(name: "AsyncStream.yield") { _ in for _ in 0..<count { continuation.yield(event) } },
      Way(name: "mutex around an array") { _ in
        for _ in 0..<count { shared.withLock { $0.append(event) } }
        shared.withLock { $0.removeAll(keepingCapacity: true) }
      },
    ]
  }

  func allocations() -> Int {
    let event = AnalyticsEvent.taskCreated(
      taskID: UUID(), userID: UUID(), command: "swift build -c release --product server!")
    let before = allocation_count()
    for _ in 0..<TrackBenchmark.eventsPerRound { durable.track(event) }
    return allocation_count() - before
  }
}

/// The least that a durable event could cost: reading the clock, an uncontended mutex, an id's random bits, and a copy
/// of the row's bytes.
final class Floor: Sendable {
  struct State {
    var random: UInt64 = 0x9e37_79b9_7f4a_7c15
    var offset = 0
  }
  static let rowBytes = 224
  static let capacity = 1 << 26
  private let state = Mutex(State())
  nonisolated(unsafe) private let source = UnsafeMutableRawPointer.allocate(
    byteCount: Floor.rowBytes, alignment: 8)
  nonisolated(unsafe) private let target = UnsafeMutableRawPointer.allocate(
    byteCount: Floor.capacity, alignment: 4096)

  init() {
    memset(source, 1, Self.rowBytes)
    memset(target, 1, Self.capacity)
  }

  @inline(never)
  func step() {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    state.withLock { state in
      // splitmix64 (Steele, Lea, Flood).
      state.random &+= 0x9e37_79b9_7f4a_7c15
      var bits = state.random
      bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
      bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
      if state.offset + Self.rowBytes > Self.capacity { state.offset = 0 }
      (target + state.offset).copyMemory(from: source, byteCount: Self.rowBytes)
      (target + state.offset).storeBytes(of: bits ^ UInt64(time.tv_nsec), as: UInt64.self)
      state.offset += Self.rowBytes
    }
  }
}

/// A sink that accepts everything and stores nothing.
struct DiscardingSink: EventSink {
  let destination = "nowhere"
  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    EventReceipt(stored: batch.rowCount)
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {}
}
