import Analytics
import Foundation
import ServiceLifecycle

/// How long single calls of `track` take while another process saturates the disk with fsync.
enum LatencyBenchmark {
  static let seconds = 10
  static let eventsPerSecond = 20_000

  static func run() async throws {
    try await withTemporaryDirectory { directory in
      print("## track: latency of single calls, \(eventsPerSecond) a second for \(seconds) s\n")
      row("disk", "median µs", "p99 µs", "p99.9 µs", "max µs", "dropped", "fsyncs/s beside")
      row("---", "---:", "---:", "---:", "---:", "---:", "---:")
      try await measure("idle", directory: directory, storm: nil)
      let storm = try FsyncStorm.start(in: directory)
      defer { storm.terminate() }
      try await measure("saturated", directory: directory, storm: storm)
      print()
    }
  }

  private static func measure(_ name: String, directory: String, storm: FsyncStorm?) async throws {
    let configuration = AnalyticsConfiguration(
      service: "bench", environment: "production", buffer: .durable(directory: directory + "/spool")
    )
    let analytics = try AnalyticsClient(configuration, sink: DiscardingSink())
    let group = ServiceGroup(
      services: [AnalyticsWorker(analytics)], logger: .init(label: "bench"))
    let running = Task { try await group.run() }
    let event = AnalyticsEvent.taskCreated(
      taskID: UUID(), userID: UUID(), command: "swift build -c release --product server!")
    let fsyncs = storm?.count() ?? 0
    let times = await onItsOwnThread {
      var times: [Double] = []
      times.reserveCapacity(seconds * eventsPerSecond)
      let start = DispatchTime.now().uptimeNanoseconds
      for index in 0..<seconds * eventsPerSecond {
        // Calls are paced with sleeps of a millisecond, because requests arrive over time.
        while DispatchTime.now().uptimeNanoseconds
          < start + UInt64(index) * 1_000_000_000 / UInt64(eventsPerSecond)
        { usleep(1000) }
        times.append(nanoseconds { analytics.track(event) } / 1000)
      }
      return times
    }
    let rate = ((storm?.count() ?? 0) - fsyncs) / seconds
    await group.triggerGracefulShutdown()
    try await running.value
    row(
      name, times.median.twoDigits, times.percentile(0.99).twoDigits,
      times.percentile(0.999).twoDigits, times.percentile(1).rounded,
      "\(analytics.accounting.dropped.values.reduce(0, +))", "\(rate)")
  }

  private static func onItsOwnThread<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}

/// A second process that writes and syncs as fast as the disk lets it.
struct FsyncStorm {
  static let argument = "fsync-storm"
  private let process: Process
  private let counter: String

  static func start(in directory: String) throws -> FsyncStorm {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = [argument, directory]
    try process.run()
    return FsyncStorm(process: process, counter: directory + "/storm.count")
  }

  func terminate() { process.terminate() }

  func count() -> Int {
    (try? String(contentsOfFile: counter, encoding: .utf8)).flatMap { Int($0) } ?? 0
  }

  /// The second process has four threads. Each repeatedly writes a mebibyte and syncs it. The process ends by itself.
  static func run(in directory: String) throws {
    let block = [UInt8](repeating: 7, count: 1 << 20)
    let end = Date().addingTimeInterval(120)
    let total = NSLock()
    nonisolated(unsafe) var count = 0
    DispatchQueue.concurrentPerform(iterations: 4) { lane in
      let file = open("\(directory)/storm.\(lane)", O_RDWR | O_CREAT | O_TRUNC, 0o600)
      while Date() < end {
        _ = pwrite(file, block, block.count, off_t(Int.random(in: 0..<64) << 20))
        fsync(file)
        total.withLock {
          count += 1
          try? "\(count)".write(
            toFile: directory + "/storm.count", atomically: false, encoding: .utf8)
        }
      }
      close(file)
    }
  }
}
