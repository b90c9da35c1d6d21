import AnalyticsTestKit
import Synchronization
import Testing

@Suite("The manual clock", .timeLimit(.minutes(60)))
struct ManualClockTests {
  @Test("does not advance by itself")
  func standsStill() {
    let clock = ManualClock()
    #expect(clock.now.offset == .zero)
    clock.advance(by: .seconds(3))
    clock.advance(by: .milliseconds(1))
    #expect(clock.now.offset == .milliseconds(3001))
  }

  private final class Order: Sendable {
    let seconds = Mutex<[Int]>([])
  }

  @Test("wakes exactly the tasks whose deadlines have passed")
  func wakes() async throws {
    let clock = ManualClock()
    let woken = Order()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for seconds in 1...3 {
        group.addTask {
          try await clock.sleep(for: .seconds(seconds))
          woken.seconds.withLock { $0.append(seconds) }
        }
      }
      for seconds in 1...3 {
        await clock.waitForSleepers(4 - seconds)
        #expect(woken.seconds.withLock { $0 } == Array(1..<seconds))
        clock.advance(by: .seconds(1))
        try await group.next()
      }
    }
    #expect(woken.seconds.withLock { $0 } == [1, 2, 3])
  }

  @Test("does not suspend a task whose deadline has passed")
  func past() async throws {
    let clock = ManualClock()
    clock.advance(by: .seconds(1))
    try await clock.sleep(for: .zero)
    try await clock.sleep(until: clock.now.advanced(by: .milliseconds(-1)))
  }

  @Test("ends the sleep of a cancelled task, before or after it has begun to sleep")
  func cancelled() async throws {
    let clock = ManualClock()
    await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await clock.sleep(for: .seconds(1)) }
      await clock.waitForSleepers(1)
      group.cancelAll()
      await #expect(throws: CancellationError.self) { try await group.next() }
      group.addTask { try await clock.sleep(for: .seconds(1)) }
      await #expect(throws: CancellationError.self) { try await group.next() }
    }
  }

  @Test("orders instants and measures the time between them")
  func instants() {
    let zero = ManualClock().now
    let later = zero.advanced(by: .seconds(2))
    #expect(zero < later)
    #expect(zero.duration(to: later) == .seconds(2))
  }
}
