import AnalyticsTestKit
import AnalyticsTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Analytics

@Suite("Tracking from many threads")
struct ConcurrentTrackingTests {
  private static let threads = 8
  private static let eachThread = 5000

  /// Tracks from eight threads while the accounting is read. It waits for them on a thread of its own.
  private func trackEverything(_ client: AnalyticsClient) async -> (taken: Int, unbalanced: Int) {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let taken = Mutex(0)
        let unbalanced = Mutex(0)
        let isOver = Atomic(false)
        let reader = DispatchGroup()
        reader.enter()
        withExtendedLifetime(client) {
          let books = Thread {
            while !isOver.load(ordering: .relaxed) {
              let accounting = client.accounting
              if !accounting.isBalanced || accounting.pending < 0 {
                unbalanced.withLock { $0 += 1 }
              }
            }
            reader.leave()
          }
          books.start()
          DispatchQueue.concurrentPerform(iterations: Self.threads) { thread in
            for index in 0..<Self.eachThread {
              let number = thread * Self.eachThread + index
              let padding = String(repeating: "p", count: number % 300)
              if client.track(Numbered(number: number, padding: padding)) == nil {
                taken.withLock { $0 += 1 }
              }
            }
          }
          isOver.store(true, ordering: .relaxed)
          reader.wait()
        }
        continuation.resume(
          returning: (taken.withLock { $0 }, unbalanced.withLock { $0 }))
      }
    }
  }

  @Test("delivers every event to the sink once, and the accounting is balanced at all times")
  func all() async throws {
    try await withTemporaryDirectory { directory in
      let sink = InMemorySink()
      let client = try AnalyticsClient(
        .durable(in: directory, limitBytes: 256 << 20), sink: sink)
      var result = (taken: 0, unbalanced: 0)
      try await withWorker(client) {
        result = await trackEverything(client)
        try await client.flush(timeout: .seconds(300))
      }
      #expect(result.unbalanced == 0)
      #expect(result.taken == Self.threads * Self.eachThread)
      #expect(
        sink.events.compactMap(\.number).sorted()
          == Array(0..<Self.threads * Self.eachThread))
      #expect(client.accounting.stored == result.taken)
      #expect(client.accounting.duplicates == 0)
      #expect(client.accounting.pending == 0)
    }
  }

  @Test("keeps the accounting balanced while most events are dropped")
  func dropping() async throws {
    var configuration = AnalyticsConfiguration(
      service: "test", buffer: .memory(limitBytes: 256 << 10))
    configuration.segmentBytes = 64 << 10
    let sink = InMemorySink()
    let client = try AnalyticsClient(configuration, sink: sink)
    var result = (taken: 0, unbalanced: 0)
    try await withWorker(client) { result = await trackEverything(client) }
    #expect(result.unbalanced == 0)
    let accounting = client.accounting
    #expect(accounting.tracked == Self.threads * Self.eachThread)
    #expect(accounting.stored == result.taken)
    #expect(sink.events.count == result.taken)
    #expect(Set(sink.events.map(\.id)).count == result.taken)
  }

  @Test("spool maintenance that unmaps a segment of a batch causes no duplicate row")
  func unmapping() throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("analytics-tests-" + UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
    let buffer = try #require(client.core?.buffer)
    let padding = String(repeating: "p", count: 900)
    for number in 0..<1000 { client.track(Numbered(number: number, padding: padding)) }
    var seen: Set<UUID> = []
    while let batch = try buffer.nextBatch(rowsMax: 30, bytesMax: .max) {
      // Spool maintenance runs while the sink still writes.
      try buffer.syncAndUnmap()
      batch.forEachRow { #expect(seen.insert($0.id).inserted) }
      buffer.settle(batch, EventReceipt(stored: batch.rowCount))
      buffer.release(batch)
      try buffer.syncAndUnmap()
      try buffer.prepareSegments()
    }
    #expect(seen.count == 1000)
    #expect(buffer.accounting.pending == 0)
    #expect(buffer.accounting.stored == 1000)
  }

  @Test("delayed spool maintenance does not unmap a segment that is active again")
  func unmappingActive() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("analytics-tests-" + UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try Data(count: 1 << 16).write(to: URL(fileURLWithPath: file))
    let mapped = Segment(
      path: file, memory: try MappedMemory(sharing: try OpenFile(file), bytes: 1 << 16))
    withExtendedLifetime(try ActiveSegment(mapped)) {
      mapped.unmap()
      #expect(mapped.isMapped)
    }
    mapped.unmap()
    #expect(!mapped.isMapped)
  }
}
