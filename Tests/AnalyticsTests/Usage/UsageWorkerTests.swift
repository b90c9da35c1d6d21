import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import Analytics

@Suite("The usage worker", .timeLimit(.minutes(60)))
struct UsageWorkerTests {
  private let clock = ManualClock()
  private let sink = InMemoryUsageSink()
  private let log = RecordedLog()

  private func withUsage(_ body: (UsageTracker) async throws -> Void) async throws {
    let usage = UsageTracker(sink: sink)
    let worker = UsageWorker(
      usage, interval: .seconds(60), shutdownGrace: .seconds(20), clock: clock, logger: log.logger)
    let group = ServiceGroup(services: [worker], logger: silentLogger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      await clock.waitForSleepers(1)
      try await body(usage)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  private func track(_ usage: UsageTracker, _ allowed: Int) {
    usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: allowed)
  }

  @Test("flushes at every interval, and flushes the rest on shutdown")
  func flushes() async throws {
    try await withUsage { usage in
      for round in 1...3 {
        track(usage, round)
        clock.advance(by: .seconds(60))
        await clock.waitForSleepers(1)
        #expect(sink.writes == round)
      }
      clock.advance(by: .seconds(60))
      await clock.waitForSleepers(1)
      #expect(sink.writes == 3)
      track(usage, 10)
    }
    #expect(sink[.boundary].counters["allowed_requests"] == 16)
  }

  @Test("logs the beginning and the end of an outage once, and loses nothing")
  func outage() async throws {
    try await withUsage { usage in
      for _ in 0..<3 {
        sink.fail(with: EventSinkError(.retry, "the server is away"))
        track(usage, 1)
        clock.advance(by: .seconds(60))
        await clock.waitForSleepers(1)
      }
      #expect(log.lines.count == 1)
      #expect(log.lines[0].contains("the server is away"))
      clock.advance(by: .seconds(60))
      await clock.waitForSleepers(1)
      #expect(log.lines.count == 2)
    }
    #expect(sink[.boundary].counters["allowed_requests"] == 3)
  }

  @Test("ends a last flush that hangs after its grace period, with one line")
  func grace() async throws {
    let isHeld = Latch()
    sink.hold {
      isHeld.open()
      await Latch().wait()
    }
    sink.fail(with: EventSinkError(.retry, "storing was interrupted"))
    let clock = clock
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        await isHeld.wait()
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(20))
      }
      try await withUsage { track($0, 1) }
      try await tasks.waitForAll()
    }
    #expect(log.lines.map { $0.contains("not stored before the worker ended") } == [true])
  }
}
