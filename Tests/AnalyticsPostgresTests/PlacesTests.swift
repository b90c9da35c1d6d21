import Synchronization
import Testing

@testable import LocalPostgres

@Suite("Places for tests with databases", .timeLimit(.minutes(60)))
struct PlacesTests {
  @Test("are taken by as many tasks at a time as there are, also where tasks throw")
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

  @Test("are taken once by a task that asks for one within another, and by tasks of its own")
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

  /// The largest number of tasks that were inside at a time.
  var most: Int { counts.withLock { $0.most } }

  func enter() {
    counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
  }

  func leave() {
    counts.withLock { $0.now -= 1 }
  }
}
