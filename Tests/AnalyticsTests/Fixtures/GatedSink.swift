import AnalyticsTestKit

@testable import Analytics

/// A sink that fails until it is opened. Then it stores in memory.
final class GatedSink: EventSink {
  let destination = "memory"
  let stored = InMemorySink()
  private let gate = Latch()

  func open() { gate.open() }

  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    await gate.wait()
    guard gate.isOpen else { throw EventSinkError(.retry, "cancelled") }
    return try await stored.write(batch)
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    try await stored.deadLetter(row, because: refusal)
  }
}
