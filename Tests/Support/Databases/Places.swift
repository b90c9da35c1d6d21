/// A limit on how many tasks do something at a time. The others wait, first come, first served.
package actor Places {
  /// Whether the task already has a place. A test with two databases needs only one place. If each test
  /// waited for a second place while it held its first, no test could go on.
  @TaskLocal private static var isTaken = false

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  package init(_ count: Int) {
    free = count
  }

  /// Runs `body` once the task has a place.
  package nonisolated func with<Result>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    if Self.isTaken { return try await body() }
    await take()
    do {
      let result = try await Self.$isTaken.withValue(true) { try await body() }
      await give()
      return result
    } catch {
      await give()
      throw error
    }
  }

  private func take() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  /// Passes the place to the task that has waited longest.
  private func give() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}
