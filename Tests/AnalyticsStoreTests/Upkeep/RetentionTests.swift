import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import Foundation
import Testing

@Suite("Retention")
struct RetentionTests {
  @Test("drops whole days beyond the limit; older events are then expired, newer ones are stored")
  func drops() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      let old = KeyedEvent.daysAgo([9, 8, 7])
      let young = KeyedEvent.daysAgo([4, 3, 0])
      _ = try await sink.write(.of(old + young))
      let report = try await store.maintenance(keepDays: 5).run()
      #expect(report.dropped.count == 3)
      #expect(report.waiting.isEmpty)
      #expect(try await store.eventCount() == 3)
      #expect(report.droppedBefore.map { $0 < Date(timeIntervalSinceNow: -5 * 86_400) } == true)
      // The dropped events are sent again, between other old and new events.
      let more = KeyedEvent.daysAgo([2, 1])
      let receipt = try await sink.write(.of([old[0], more[0], old[1], young[0], more[1], old[2]]))
      #expect(receipt == EventReceipt(stored: 2, duplicates: 1, rejected: [.expired: 3]))
      #expect(try await sink.write(.of(old)) == EventReceipt(stored: 0, rejected: [.expired: 3]))
      #expect(try await store.expiredCount() == 0)
    }
  }

  @Test("if nothing is old enough or retention is off, nothing is dropped and no boundary set")
  func nothingToDrop() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([4000, 80, 6, 0])))
      let off = try await store.maintenance(keepDays: nil).run()
      #expect(off.droppedBefore == nil)
      let report = try await store.maintenance(keepDays: 10_000).run()
      #expect(report.droppedBefore == nil)
      #expect(report.dropped.isEmpty)
      #expect(try await sink.write(.of(KeyedEvent.daysAgo([9000]))).stored == 1)
      #expect(try await store.eventCount() == 5)
    }
  }

  @Test(
    "options outside their ranges are refused, and nothing is dropped",
    arguments: [
      ("keepDays", MaintenanceOptions(keepDays: -3)),
      ("keepDays", MaintenanceOptions(keepDays: 36_501)),
      ("aheadDays", MaintenanceOptions(aheadDays: -1)),
      ("lockTimeout", MaintenanceOptions(lockTimeout: .seconds(-1))),
    ])
  func refusedOptions(name: String, options: MaintenanceOptions) async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([100, 0])))
      let maintenance = Maintenance(AnalyticsDatabase(store.configuration), options: options)
      let error = await #expect(throws: StoreError.self) { try await maintenance.run() }
      #expect(error?.code == .configuration)
      #expect(error?.description.hasPrefix("\(name) is ") == true)
      #expect(try await store.eventCount() == 2)
    }
  }

  @Test("the maintenance service stops the process for an option outside its range")
  func refusedByService() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let nowhere = try AnalyticsDatabase(url: "postgres:///analytics?host=/nowhere")
      let options = MaintenanceOptions(keepDays: -3)
      _ = AnalyticsMaintenance(Maintenance(nowhere, options: options))
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("keepDays is -3; it must be 0 to 36500"))
  }

  @Test("usage counters are not dropped for a negative period")
  func refusedUsagePeriod() async throws {
    var options = MaintenanceOptions()
    options.keepUsageDays = -1
    let nowhere = try PostgresConfiguration(url: "postgres:///analytics?host=/nowhere")
    let maintenance = Maintenance(AnalyticsDatabase(nowhere), options: options)
    let error = await #expect(throws: StoreError.self) { try await maintenance.run() }
    #expect(error?.code == .configuration)
  }

  @Test("a partition that ends after the limit stays as a whole")
  func wholePartitions() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      // The events are old enough for a partition of a month or a year.
      let events = KeyedEvent.daysAgo([150])
      _ = try await sink.write(.of(events))
      let keptDays: Int = try await store.scalar(
        """
        SELECT ceil(extract(epoch FROM now() - upper_bound) / 86400)::integer
        FROM analytics_partitions()
        """)
      #expect(try await store.maintenance(keepDays: keptDays).run().dropped.isEmpty)
      #expect(try await store.eventCount() == 1)
      #expect(try await store.maintenance(keepDays: keptDays - 1).run().dropped.count == 1)
    }
  }

  @Test("the boundary never moves back, with any later setting of retention")
  func boundaryStays() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      let events = KeyedEvent.daysAgo([20, 10])
      _ = try await sink.write(.of(events))
      let first = try await store.maintenance(keepDays: 5).run()
      #expect(try await store.maintenance(keepDays: 90).run().droppedBefore == first.droppedBefore)
      #expect(try await store.maintenance(keepDays: nil).run().droppedBefore == first.droppedBefore)
      #expect(try await sink.write(.of(events)).rejected == [.expired: 2])
    }
  }

  @Test("events up to 24 hours ahead are stored; later ones are refused, and make no partition")
  func future() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      let near = KeyedEvent.daysAgo([-0.9])
      let receipt = try await sink.write(.of(near + KeyedEvent.daysAgo([-1.1, -40, -4000])))
      #expect(receipt == EventReceipt(stored: 1, rejected: [.future: 3]))
      #expect(try await store.attachedPartitions().count == 1)
      #expect(
        try await sink.write(.of(KeyedEvent.daysAgo([-900])))
          == EventReceipt(stored: 0, rejected: [.future: 1]))
    }
  }

  @Test("works in a separate schema with any name")
  func schema() async throws {
    try await withStore { store in
      let name = #"odd "na'me""#
      try await store.migrator(schema: name).apply()
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration, schema: name))
      _ = try await sink.write(.of(KeyedEvent.daysAgo([9, 0])))
      let maintenance = Maintenance(
        AnalyticsDatabase(store.configuration, schema: name),
        options: MaintenanceOptions(keepDays: 5))
      #expect(try await maintenance.run().dropped.count == 1)
      #expect(try await sink.write(.of(KeyedEvent.daysAgo([9]))).rejected == [.expired: 1])
    }
  }
}
