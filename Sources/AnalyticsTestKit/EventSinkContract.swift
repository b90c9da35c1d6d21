public import Analytics

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The contract of ``EventSink`` as a list of checks to run against a sink.
///
/// ```swift
/// @Test(arguments: EventSinkContract.checks)
/// func holds(check: EventSinkContract.Check) async throws {
///   let sink = try await MySink.onAnEmptyTable()
///   try await check.run(sink) { try await sink.readAll() }
/// }
/// ```
public enum EventSinkContract {
  /// A check of one promise of ``EventSink``.
  public struct Check: Sendable, CustomStringConvertible {
    /// The promise, as a sentence.
    public let description: String
    private let body: @Sendable (any EventSink, ReadAll) async throws -> Void

    init(
      _ description: String,
      _ body: @escaping @Sendable (any EventSink, ReadAll) async throws -> Void
    ) {
      self.description = description
      self.body = body
    }

    /// Runs the check against an empty sink. `readAll` returns everything that the sink has stored.
    ///
    /// - Throws: ``Violation`` if the promise is broken, or the error of the sink.
    public func run(
      _ sink: any EventSink, readAll: @Sendable () async throws -> [StoredEvent]
    ) async throws {
      try await withoutActuallyEscaping(readAll) { try await body(sink, $0) }
    }
  }

  typealias ReadAll = @Sendable () async throws -> [StoredEvent]

  /// The error of a check whose promise is broken.
  public struct Violation: Error, CustomStringConvertible {
    /// The expected and the actual value.
    public let description: String
  }

  /// All checks. Each needs a new, empty sink.
  public static let checks: [Check] = [
    Check("a batch of every type of event is stored unchanged") { sink, readAll in
      let batch = try batch(SampleEvents.oneOfEach())
      try expect(try await sink.write(batch), EventReceipt(stored: batch.rowCount))
      try expectStored(batch, try await readAll())
    },
    Check("a batch that is written again is stored once") { sink, readAll in
      let batch = try batch(SampleEvents.oneOfEach())
      _ = try await sink.write(batch)
      try expect(try await sink.write(batch), EventReceipt(stored: 0, duplicates: batch.rowCount))
      try expectStored(batch, try await readAll())
    },
    Check("a batch that overlaps with stored rows adds only the new ones") { sink, readAll in
      let events = SampleEvents.oneOfEach()
      let ids = events.map { _ in UUID() }
      let half = try batch(Array(events.prefix(10)), ids: Array(ids.prefix(10)))
      let all = try batch(events, ids: ids)
      _ = try await sink.write(half)
      try expect(
        try await sink.write(all), EventReceipt(stored: events.count - 10, duplicates: 10))
      try expectStored(all, try await readAll())
    },
    Check("an event that occurs twice in one batch is stored once") { sink, readAll in
      let event = SampleEvents.oneOfEach()[0]
      let id = UUID()
      let twice = try batch([event, event], ids: [id, id], daysApart: 0)
      try expect(try await sink.write(twice), EventReceipt(stored: 1, duplicates: 1))
      try expect(try await readAll().count, 1)
    },
    Check("strings of all kinds are stored unchanged") { sink, readAll in
      let texts = [
        "", "\"\\\u{7f}\n\t\r\u{1}", "naïve 🧪 日本語", String(repeating: "x", count: 1 << 20),
      ]
      let batch = try batch(
        texts.map { .projectCreated(projectID: UUID(), userID: UUID(), name: $0) })
      _ = try await sink.write(batch)
      try expectStored(batch, try await readAll())
    },
    Check("a retry after a lost answer counts its own rows as stored") { sink, readAll in
      let batch = try batch(SampleEvents.oneOfEach())
      _ = try await sink.write(batch)
      let retry = batch.asRetryOfUnknownOutcome
      try expect(try await sink.write(retry), EventReceipt(stored: retry.rowCount))
      try expectStored(batch, try await readAll())
    },
    Check("a dead letter, even if kept twice, is not among the stored rows") { sink, readAll in
      let row = try batch([SampleEvents.oneOfEach()[0]])
      let others = try batch(SampleEvents.oneOfEach())
      let refusal = EventSinkError(.refused, "the check refuses it")
      try await sink.deadLetter(row, because: refusal)
      try await sink.deadLetter(row, because: refusal)
      _ = try await sink.write(others)
      try expectStored(others, try await readAll())
    },
    Check("a retry after an attempt that stored nothing stores everything") { sink, readAll in
      let batch = try batch(SampleEvents.oneOfEach()).asRetryOfUnknownOutcome
      try expect(try await sink.write(batch), EventReceipt(stored: batch.rowCount))
      try expectStored(batch, try await readAll())
    },
  ]

  /// Encodes events with timestamps in whole seconds, on up to seven days, in no order.
  private static func batch(
    _ events: [AnalyticsEvent], ids: [UUID]? = nil, daysApart: Int64 = 1
  ) throws -> EventBatch {
    let enriched = events.enumerated().map { index, event in
      EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: 1_790_000_000_000_000
            - Int64(index % 7) * daysApart * 86_400_000_000),
        event: event, hostname: index % 2 == 0 ? "host" : nil,
        environment: index % 3 == 0 ? nil : "production")
    }
    return try EventBatch.encoding(enriched, ids: ids ?? events.map { _ in UUID() })
  }

  private static func expect<Value: Equatable>(_ found: Value, _ expected: Value) throws {
    guard found == expected else {
      throw Violation(description: "expected \(expected), found \(found)")
    }
  }

  /// Compares events by id, and JSON by value, because a database may format it differently.
  private static func expectStored(_ batch: EventBatch, _ found: [StoredEvent]) throws {
    var expected: [StoredEvent] = []
    batch.forEachRow { expected.append(StoredEvent($0)) }
    let foundByID = Dictionary(grouping: found, by: \.id)
    try expect(found.count, expected.count)
    for event in expected {
      guard let match = foundByID[event.id]?.first else {
        throw Violation(description: "the event \(event.id) is missing")
      }
      let decoder = JSONDecoder()
      try expect(
        try decoder.decode(JSONValue.self, from: Data(match.data.utf8)),
        try decoder.decode(JSONValue.self, from: Data(event.data.utf8)))
      var sameText = match
      sameText.data = event.data
      try expect(sameText, event)
    }
  }
}
