import AnalyticsTestKit
import Synchronization

@testable import Analytics

/// An in-memory sink. A test can observe its attempts and make them fail.
final class ScriptedSink: EventSink {
  enum Step: Sendable {
    case store
    case fail(EventSinkError)
    /// Stores the batch, and loses the answer.
    case loseAnswer
    /// Hangs until the task is cancelled.
    case hang
  }

  struct Attempt: Sendable {
    var numbers: [Int?]
    var mayBeStored: Bool
  }

  let destination = "memory"
  let stored = InMemorySink()
  private let state = Mutex(State())

  private struct State {
    var steps: [Step]
    var attempts: [Attempt] = []

    init(_ steps: [Step] = []) { self.steps = steps }
  }

  init(_ steps: Step...) { state.withLock { $0.steps = steps } }

  var attempts: [Attempt] { state.withLock { $0.attempts } }

  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    var numbers: [Int?] = []
    batch.forEachRow { numbers.append(StoredEvent($0).number) }
    let attempt = Attempt(numbers: numbers, mayBeStored: batch.mayBeStored)
    let step = state.withLock { state in
      state.attempts.append(attempt)
      return state.steps.isEmpty ? .store : state.steps.removeFirst()
    }
    switch step {
    case .store: return try await stored.write(batch)
    case .fail(let error): throw error
    case .loseAnswer:
      _ = try await stored.write(batch)
      throw EventSinkError(.retry, outcomeUnknown: true, "the connection ended during COMMIT")
    case .hang:
      let never = Latch()
      await never.wait()
      throw EventSinkError(.retry, outcomeUnknown: true, "cancelled")
    }
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    try await stored.deadLetter(row, because: refusal)
  }
}
