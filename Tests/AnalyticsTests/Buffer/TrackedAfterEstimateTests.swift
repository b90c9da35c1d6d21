import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The time after which rows were certainly tracked")
struct TrackedAfterEstimateTests {
  private let start = ContinuousClock.now

  /// A clock in place of the database's clock.
  private var clock: EventTimestamp {
    let passed = (ContinuousClock.now - start).components
    return EventTimestamp(
      microsecondsSinceUnixEpoch: passed.seconds * 1_000_000
        + passed.attoseconds / 1_000_000_000_000)
  }

  private func buffer(_ directory: String) throws -> (AnalyticsClient, EventBuffer) {
    let client = try AnalyticsClient(
      .durable(in: directory), sink: InMemorySink())
    return (client, try #require(client.core?.buffer))
  }

  @Test("is never later than the time of a row, in any order of reading, holding and settling")
  func neverTooLate() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    try await withTemporaryDirectory { directory in
      let (client, buffer) = try buffer(directory)
      var tracked: [EventTimestamp] = []
      var held: [EventBatch] = []
      var certain = 0
      for _ in 0..<4000 {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
          let padding = String(repeating: "x", count: Int.random(in: 0..<300, using: &random))
          client.track(Numbered(number: tracked.count, padding: padding))
          tracked.append(clock)
        case 5, 6: buffer.note(clock: Bool.random(using: &random) ? clock : nil)
        case 7, 8:
          guard let batch = try buffer.nextBatch(rowsMax: 20, bytesMax: 1 << 20) else { continue }
          if let after = batch.trackedAfter {
            certain += 1
            try batch.forEachRow { row in
              let number = try #require(StoredEvent(row).number)
              #expect(tracked[number] >= after, "seed \(seed)")
            }
          }
          held.append(batch)
        default:
          for batch in held {
            if Bool.random(using: &random) {
              buffer.settle(batch, EventReceipt(stored: batch.rowCount))
            }
            buffer.release(batch)
          }
          held = []
        }
      }
      #expect(certain > 10, "seed \(seed)")
    }
  }

  @Test("also advances while the database's clock is not read")
  func withoutReading() async throws {
    try await withTemporaryDirectory { directory in
      let (client, buffer) = try buffer(directory)
      let read = clock
      buffer.note(clock: read)
      try await until {
        buffer.note(clock: read)
        client.track(Numbered(number: 1))
        guard let batch = try? buffer.nextBatch(rowsMax: 20, bytesMax: 1 << 20) else {
          return false
        }
        buffer.settle(batch, EventReceipt(stored: batch.rowCount))
        buffer.release(batch)
        return batch.trackedAfter.map { $0 > read } ?? false
      }
    }
  }

  @Test("is unknown before the clock was read, and for rows from elsewhere")
  func unknown() async throws {
    try await withTemporaryDirectory { directory in
      let (client, buffer) = try buffer(directory)
      func next() throws -> EventBatch {
        client.track(Numbered(number: 1))
        let batch = try #require(try buffer.nextBatch(rowsMax: 20, bytesMax: 1 << 20))
        buffer.settle(batch, EventReceipt(stored: batch.rowCount))
        buffer.release(batch)
        return batch
      }
      buffer.note(clock: nil)
      #expect(try next().trackedAfter == nil)
      buffer.note(clock: clock)
      #expect(try next().trackedAfter != nil)
      _ = client.origin(hostname: nil, environment: nil, isNew: true)
      #expect(try next().trackedAfter != nil)
      _ = client.origin(hostname: nil, environment: nil)
      #expect(try next().trackedAfter == nil)
    }
  }

  @Test("is unknown for events of a dead process, and for batches with some of them")
  func adopted() async throws {
    try await withTemporaryDirectory { directory in
      try await DeadProcess.leave(in: directory) { $0.track(Numbered(number: 0)) }
      let (client, buffer) = try buffer(directory)
      buffer.note(clock: clock)
      _ = try buffer.adopt()
      client.track(Numbered(number: 1))
      let batch = try #require(try buffer.nextBatch(rowsMax: 20, bytesMax: 1 << 20))
      #expect(batch.rowCount == 2 && batch.trackedAfter == nil)
    }
  }

  @Test("of a batch is also that of its parts")
  func parts() async throws {
    try await withTemporaryDirectory { directory in
      let (client, buffer) = try buffer(directory)
      buffer.note(clock: clock)
      for number in 0..<9 { client.track(Numbered(number: number)) }
      let batch = try #require(try buffer.nextBatch(rowsMax: 20, bytesMax: 1 << 20))
      let after = try #require(batch.trackedAfter)
      let (head, tail) = batch.split(at: 4)
      let parts = [try #require(head), try #require(tail)]
      #expect(parts.allSatisfy { $0.trackedAfter == after })
      #expect(EventBatch(joining: parts).trackedAfter == after)
      #expect(parts[1].filter { _ in true }?.trackedAfter == after)
    }
  }

  @Test(
    "what is remembered of rows that waited keeps none of their pages", arguments: [false, true])
  func pages(inMemory: Bool) async throws {
    try await withTemporaryDirectory { directory in
      var configuration = AnalyticsConfiguration.durable(in: directory)
      if inMemory { configuration.buffer = .memory() }
      configuration.segmentBytes = 64 << 10
      let client = try AnalyticsClient(configuration, sink: InMemorySink())
      let buffer = try #require(client.core?.buffer)
      let padding = String(repeating: "x", count: 1000)
      for number in 0..<2000 { client.track(Numbered(number: number, padding: padding)) }
      let waiting = buffer.stripes.flatMap { $0.segments().queue }
      buffer.note(clock: clock)
      for _ in 0..<100 {
        guard let batch = try buffer.nextBatch(rowsMax: 100, bytesMax: 1 << 20) else { break }
        buffer.settle(batch, EventReceipt(stored: batch.rowCount))
        buffer.release(batch)
      }
      try buffer.prepareSegments()
      // The active segment of each stripe and the spare segments stay mapped.
      let kept = 2 * buffer.stripes.count + 2
      #expect(waiting.count > 2 * kept)
      #expect(waiting.count { $0.isMapped } <= kept)
    }
  }
}
