import Analytics
import Synchronization

/// A sink that reports each of its answers to the test.
final class ObservedSink: EventSink {
  typealias Answer = Result<EventReceipt, EventSinkError>

  let sink: any EventSink
  /// The answers of the sink, in order. Only one reader may use the stream.
  let answers: AsyncStream<Answer>
  private let continuation: AsyncStream<Answer>.Continuation

  init(_ sink: any EventSink) {
    self.sink = sink
    (answers, continuation) = AsyncStream.makeStream()
  }

  var destination: String { sink.destination }
  var concurrentWritesMax: Int { sink.concurrentWritesMax }

  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    do {
      let receipt = try await sink.write(batch)
      continuation.yield(.success(receipt))
      return receipt
    } catch {
      continuation.yield(.failure(error))
      throw error
    }
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    try await sink.deadLetter(row, because: refusal)
  }
}
