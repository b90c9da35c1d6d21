import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@testable import Analytics

@Suite("The events that a worker adopts")
struct DestinationTests {
  /// A sink that belongs to an installation, which it can name once the database is reachable.
  private final class InstalledSink: EventSink {
    let destination: String
    let stored = InMemorySink()
    private let id: UUID?
    private let isReachable: Mutex<Bool>

    init(_ destination: String, _ id: UUID?, isReachable: Bool = true) {
      (self.destination, self.id) = (destination, id)
      self.isReachable = Mutex(isReachable)
    }

    func reach() { isReachable.withLock { $0 = true } }

    private func check() throws(EventSinkError) {
      guard isReachable.withLock({ $0 }) else { throw EventSinkError(.retry, "away") }
    }

    func installation() async throws(EventSinkError) -> UUID? {
      try check()
      return id
    }

    func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
      try check()
      return try await stored.write(batch)
    }

    func deadLetter(
      _ row: EventBatch, because refusal: EventSinkError
    ) async throws(EventSinkError) {
      try await stored.deadLetter(row, because: refusal)
    }
  }

  /// Leaves 100 events of a process that had reached this installation, or none.
  private func leave(
    in directory: String, for destination: String, reached installation: UUID?
  ) async throws {
    try await DeadProcess.leave(in: directory, destination: destination) { client in
      for number in 0..<50 { client.track(Numbered(number: number)) }
      if let installation { client.core?.buffer.identify(installation) }
      let padding = String(repeating: "p", count: 2000)
      for number in 50..<100 { client.track(Numbered(number: number, padding: padding)) }
    }
  }

  private func taken(
    _ sink: InstalledSink, in directory: String, _ body: () async throws -> Void = {}
  ) async throws -> Int {
    let client = try AnalyticsClient(.durable(in: directory), sink: sink)
    try await withWorker(client) { try await body() }
    #expect(client.accounting.isBalanced)
    return client.accounting.stored
  }

  @Test("are those of the same installation, with any user, host or password")
  func sameInstallation() async throws {
    try await withTemporaryDirectory { directory in
      let id = UUID()
      try await leave(in: directory, for: "db:5432/x user=old", reached: id)
      #expect(try await taken(InstalledSink("other:6432/x user=new", id), in: directory) == 100)
    }
  }

  @Test("are never those of another installation, even with the same settings")
  func otherInstallation() async throws {
    try await withTemporaryDirectory { directory in
      let id = UUID()
      try await leave(in: directory, for: "db:5432/x", reached: id)
      #expect(try await taken(InstalledSink("db:5432/x", UUID()), in: directory) == 0)
      #expect(try await taken(InstalledSink("db:5432/x", nil), in: directory) == 0)
      let waiting = try SpoolReport(directory: directory).producers.flatMap(\.pending)
      #expect(waiting.map(\.installation) == [id] && waiting.map(\.events) == [100])
      #expect(try await taken(InstalledSink("db:5432/x", id), in: directory) == 100)
    }
  }

  @Test("are those of a process that never reached its database, if the settings are identical")
  func neverReached() async throws {
    try await withTemporaryDirectory { directory in
      try await leave(in: directory, for: "db:5432/x user=a", reached: nil)
      #expect(try await taken(InstalledSink("db:5432/x user=b", UUID()), in: directory) == 0)
      let waiting = try SpoolReport(directory: directory).producers.flatMap(\.pending)
      #expect(waiting.map(\.installation) == [nil] && waiting.map(\.events) == [100])
      #expect(try await taken(InstalledSink("db:5432/x user=a", UUID()), in: directory) == 100)
    }
  }

  @Test("are found once the database can name its installation, if it was unreachable at the start")
  func laterReached() async throws {
    try await withTemporaryDirectory { directory in
      let id = UUID()
      try await leave(in: directory, for: "db:5432/x user=old", reached: id)
      let sink = InstalledSink("db:5432/x user=new", id, isReachable: false)
      let log = RecordedLog()
      let client = try AnalyticsClient(.durable(in: directory), sink: sink)
      try await withWorker(client, logger: log.logger) {
        client.track(Numbered(number: -1))
        try await until { log.lines.contains { $0.contains("away") } }
        #expect(client.accounting.recovered == 0)
        sink.reach()
        // The first stored event shows that the database is reachable.
        try await client.finishSpool(timeout: .seconds(300))
      }
      #expect(client.accounting.stored == 101 && client.accounting.recovered == 100)
    }
  }

  @Test("come from few directories at a time, until all are adopted, with one log line each time")
  func bounded() async throws {
    try await withTemporaryDirectory { directory in
      for number in 0..<100 {
        try await DeadProcess.leave(in: directory) { $0.track(Numbered(number: number)) }
      }
      let (sink, log) = (InMemorySink(), RecordedLog())
      let client = try AnalyticsClient(.durable(in: directory), sink: sink)
      let buffer = try #require(client.core?.buffer)
      buffer.identify(nil)
      let finding = try buffer.adopt()
      #expect(finding.hasMore && (1...16).contains(finding.directories))
      #expect(try buffer.adopt().directories == 0)
      try await withWorker(client, logger: log.logger) {
        try await client.finishSpool(timeout: .seconds(300))
      }
      #expect(sink.events.compactMap(\.number).sorted() == Array(0..<100))
      #expect(log.lines.filter { $0.contains("of ended processes are adopted") }.count < 20)
    }
  }
}
