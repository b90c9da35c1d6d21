import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The buffer's bounds")
struct BufferBoundsTests {
  private static let segmentBytes = 64 << 10

  private func client(
    limitSegments: Int, directory: String? = nil, sink: any EventSink = InMemorySink()
  ) throws -> AnalyticsClient {
    let limit = limitSegments * Self.segmentBytes
    var configuration = AnalyticsConfiguration(
      service: "test",
      buffer: directory.map { .durable(directory: $0, limitBytes: limit) }
        ?? .memory(limitBytes: limit))
    configuration.segmentBytes = Self.segmentBytes
    return try AnalyticsClient(configuration, sink: sink)
  }

  private func fill(_ client: AnalyticsClient) -> Int {
    for count in 0... {
      if let reason = client.track(Numbered(number: count, padding: padding)) {
        #expect(reason == .full)
        return count
      }
    }
    return 0
  }

  private let padding = String(repeating: "p", count: 900)

  private func diskBytes(_ directory: String) -> Int {
    segmentFiles(in: directory).reduce(0) { sum, file in
      var status = stat()
      return stat(file, &status) == 0 ? sum + Int(status.st_blocks) * 512 : sum
    }
  }

  @Test("events that do not fit are dropped as full and counted, and the limit holds on disk")
  func full() async throws {
    try await withTemporaryDirectory { directory in
      let client = try client(limitSegments: 4, directory: directory)
      let taken = fill(client)
      for number in 0..<100 { client.track(Numbered(number: number, padding: padding)) }
      #expect(taken > 2 * 60)
      #expect(taken <= 4 * 70)
      #expect(diskBytes(directory) <= 4 * Self.segmentBytes)
      #expect(client.accounting.pending >= taken)
      #expect((client.accounting.dropped[.full] ?? 0) > 0)
      #expect(client.accounting.isBalanced)
    }
  }

  @Test("drained space can be used again and again", arguments: [true, false])
  func roomComesBack(isDurable: Bool) async throws {
    try await withTemporaryDirectory { directory in
      let sink = InMemorySink()
      let client = try client(limitSegments: 3, directory: isDurable ? directory : nil, sink: sink)
      var taken = 0
      try await withWorker(client) {
        for _ in 0..<20 {
          taken += fill(client)
          try await client.flush(timeout: .seconds(300))
          // Drained space is free after the next run of the worker and of spool maintenance.
          while client.track(Numbered(number: -1)) != nil {
            try Task.checkCancellation()
            client.core?.buffer.batchReady.set()
            await Task.yield()
          }
          taken += 1
        }
      }
      #expect(sink.events.count == taken)
      #expect(Set(sink.events.map(\.id)).count == taken)
      #expect(client.accounting.stored == taken)
      #expect(client.accounting.duplicates == 0)
      #expect(client.accounting.isBalanced)
      if isDurable { #expect(diskBytes(directory) <= 3 * Self.segmentBytes) }
    }
  }

  @Test(
    "with a sink that fails for long, only events that do not fit are lost, and this is logged once"
  )
  func told() async throws {
    try await withTemporaryDirectory { directory in
      let (sink, log) = (GatedSink(), RecordedLog())
      var configuration = AnalyticsConfiguration.durable(
        in: directory, limitBytes: 4 * Self.segmentBytes, segmentBytes: Self.segmentBytes)
      configuration.flushInterval = .milliseconds(10)
      let client = try AnalyticsClient(configuration, sink: sink)
      var taken = 0
      try await withWorker(client, logger: log.logger) {
        for number in 0..<2000 where client.track(Numbered(number: number, padding: padding)) == nil
        { taken += 1 }
        try await until { log.lines.contains { $0.contains("events are dropped") } }
        #expect(client.accounting.dropped == [.full: 2000 - taken])
        #expect(diskBytes(directory) <= 4 * Self.segmentBytes)
        sink.open()
        try await client.flush(timeout: .seconds(300))
        try await until { client.track(Numbered(number: -1)) == nil }
        taken += 1
        try await client.flush(timeout: .seconds(300))
        try await until { log.lines.contains { $0.contains("no more events are dropped") } }
      }
      #expect(sink.stored.events.count == taken)
      #expect(client.accounting.isBalanced && client.accounting.duplicates == 0)
      #expect(log.lines.filter { $0.hasPrefix("warning events are dropped") }.count == 1)
    }
  }

  @Test("an event as large as a segment is accepted, and one byte more is too large")
  func tooLarge() throws {
    let client = try client(limitSegments: 8)
    let capacity = Self.segmentBytes - SegmentHeader.bytes
    client.track(Numbered(number: 1))
    let overhead = try client.waitingBytes().count
    func event(_ bytes: Int) -> Numbered {
      Numbered(number: 1, padding: String(repeating: "p", count: bytes - overhead))
    }
    #expect(client.track(event(capacity)) == nil)
    #expect(client.track(event(capacity + 1)) == .tooLarge)
    #expect(client.track(event(10 * capacity)) == .tooLarge)
    #expect(client.accounting.dropped == [.tooLarge: 2])
    #expect(client.accounting.isBalanced)
  }

  @Test("events that are too large do not use up space for others")
  func tooLargeTakesNoRoom() throws {
    let client = try client(limitSegments: 8)
    let large = Numbered(number: 0, padding: String(repeating: "p", count: Self.segmentBytes))
    for number in 0..<200 {
      #expect(client.track(Numbered(number: number)) == nil)
      #expect(client.track(large) == .tooLarge)
    }
    #expect(client.accounting.pending == 200)
  }

  @Test("an event larger than the rest of a segment is stored in the next segment as a whole")
  func nextSegment() throws {
    var random = SeededGenerator.printingSeed()
    let client = try client(limitSegments: 64)
    var count = 0
    for number in 0..<60 {
      let padding = String(repeating: "p", count: random.below(50_000))
      if client.track(Numbered(number: number, padding: padding)) == nil { count += 1 }
    }
    #expect(count == 60)
    #expect(try client.waitingRows().count == 60)
  }

  @Test("an import waits for space where track would drop events", arguments: [true, false])
  func importWaits(isDurable: Bool) async throws {
    try await withTemporaryDirectory { directory in
      let sink = InMemorySink()
      let client = try client(limitSegments: 2, directory: isDurable ? directory : nil, sink: sink)
      let origin = try #require(client.origin(hostname: nil, environment: nil))
      let command = String(repeating: "c", count: 2000)
      try await withWorker(client) {
        for index in 0..<500 {
          let outcome = try await client.record(
            .taskCreated(taskID: UUID(), userID: UUID(), command: command),
            at: EventTimestamp(microsecondsSincePostgresEpoch: Int64(index)), id: UUID(),
            from: origin)
          #expect(outcome == nil)
        }
        try await client.flush(timeout: .seconds(300))
      }
      #expect(sink.events.count == 500)
      #expect(client.accounting.dropped.isEmpty)
    }
  }

  @Test("a batch has at most the given rows and bytes, unless a single row is larger")
  func batchLimits() throws {
    let client = try client(limitSegments: 64)
    for number in 0..<500 {
      client.track(Numbered(number: number, padding: number % 50 == 0 ? padding + padding : ""))
    }
    let buffer = try #require(client.core?.buffer)
    for (rowsMax, bytesMax) in [(1, Int.max), (7, .max), (.max, 1), (.max, 1000), (100, 5000)] {
      let batch = try #require(try buffer.nextBatch(rowsMax: rowsMax, bytesMax: bytesMax))
      defer { buffer.release(batch) }
      #expect(batch.rowCount <= rowsMax)
      #expect(batch.byteCount <= bytesMax || batch.rowCount == 1)
    }
  }

  @Test("a disabled client accepts every event and keeps none")
  func disabled() async throws {
    let client = AnalyticsClient.disabled
    #expect(client.track(Numbered(number: 1)) == nil)
    #expect(client.track(.projectDeleted(projectID: UUID(), userID: UUID())) == nil)
    #expect(client.accounting == EventAccounting())
    try await client.flush(timeout: .seconds(300))
  }
}
