import AnalyticsTestSupport
import Synchronization
import Testing

@Suite("Places for tests with databases", .timeLimit(.minutes(60)))
struct PlacesTests {
  @Test("are used by at most as many tasks at a time as there are places, even if tasks throw")
  func limit() async throws {
    let places = Places(3)
    let crowd = Crowd()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          try? await places.with {
            crowd.enter()
            for _ in 0..<10 { await Task.yield() }
            crowd.leave()
            if number % 2 == 0 { throw CancellationError() }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect((1...3).contains(crowd.most))
  }

  @Test("are used only once by a task with nested requests and with child tasks")
  func nested() async throws {
    let places = Places(1)
    let answer = try await places.with {
      async let child = places.with { 1 }
      return try await places.with { 2 } + child
    }
    #expect(answer == 3)
  }
}

private final class Crowd: Sendable {
  private let counts = Mutex((now: 0, most: 0))

  /// The largest number of tasks that ran at the same time.
  var most: Int { counts.withLock { $0.most } }

  func enter() {
    counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
  }

  func leave() {
    counts.withLock { $0.now -= 1 }
  }
}
