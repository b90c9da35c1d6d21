import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite(
  "Erasure on TimescaleDB", .timeLimit(.minutes(60)),
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct ErasureTimescaleTests {
  @Test("reaches compressed chunks, and applies to later events")
  func compressed() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink(engine: .timescale)
      var generator = RollupEvents(seed: seed, users: 8)
      let events = generator.events(2000)
      let person = ErasedPerson(
        id: try #require(try events.lazy.compactMap { try $0.stored.userID }.first))
      let own = person.events() + person.events(hour: 30)
      try await store.store(events, ids: generator.ids(events.count), with: sink)
      let ids = generator.ids(own.count)
      try await store.store(own, ids: ids, with: sink)
      try await store.connection.execute(
        "SELECT compress_chunk(c) FROM show_chunks('analytics_events') AS c")
      let report = try await store.erasure.erase(person.id)
      #expect(
        report.events == (try (events + own).count { try $0.stored.userID == person.id }),
        "seed \(seed)")
      try await store.expectErased(person, "seed \(seed)")

      try await store.connection.execute(
        "SELECT compress_chunk(c, true) FROM show_chunks('analytics_events') AS c")
      try await store.store(own, ids: ids, with: sink)
      let late = person.events(hour: 50)
      try await store.store(late, ids: generator.ids(late.count), with: sink)
      #expect(try await store.eventCount() == events.count + own.count + late.count)
      try await store.expectErased(person, "seed \(seed)")
      #expect(try await store.erasure.erase(person.id).isEmpty)
    }
  }

  @Test("stays in effect when an installation is moved to TimescaleDB")
  func moved() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink(engine: .plain)
      let person = ErasedPerson(id: UUID())
      _ = try await store.erasure.erase(person.id)
      try await store.migrator(engine: .timescale).apply()
      let late = person.events()
      try await store.store(late, ids: late.map { _ in UUID() }, with: sink)
      #expect(try await store.eventCount() == late.count)
      let named: Int = try await store.scalar(
        "SELECT count(*) FROM analytics_events AS e WHERE e::text ILIKE $1",
        [.text("%\(person.id)%")])
      #expect(named == 0)
    }
  }
}
