import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Roles")
struct RoleTests {
  /// Roles belong to the whole server, so each test has role names of its own.
  private let roles: AnalyticsRoles
  private let plainRole: String

  init() {
    let suffix = UUID().uuidString.prefix(8).lowercased()
    roles = AnalyticsRoles(writer: "writer-\(suffix)", reader: "reader-\(suffix)")
    plainRole = "owner_\(suffix)"
  }

  private func drop(_ names: [String], _ store: StoreFixture) async throws {
    for name in names {
      try await store.connection.execute(
        "DROP OWNED BY \"\(name)\" CASCADE; DROP ROLE \"\(name)\"")
    }
  }

  private func configuration(_ store: StoreFixture, as role: String) -> PostgresConfiguration {
    var configuration = store.configuration
    configuration.parameters["options"] = "-c role=\(role)"
    return configuration
  }

  @Test("the writer stores new and old events and makes partitions, but cannot read them")
  func writer() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      #expect(try await store.migrator().grant(roles) == .granted)
      #expect(try await store.migrator().grant(roles) == .granted)
      let writer = configuration(store, as: roles.writer)
      let sink = PostgresEventSink(AnalyticsDatabase(writer))
      let events = KeyedEvent.daysAgo([4000, 200, 1, 0])
      #expect(try await sink.write(.of(events)) == EventReceipt(stored: 4))
      let more = KeyedEvent.daysAgo([0.1])
      #expect(try await sink.write(.of(events + more)) == EventReceipt(stored: 1, duplicates: 4))
      #expect(try await sink.write(.of(events)) == EventReceipt(stored: 0, duplicates: 4))
      try await sink.deadLetter(
        .of(KeyedEvent.daysAgo([2])), because: EventSinkError(.refused, "so"))
      #expect(try await store.scalar("SELECT count(*) FROM analytics_dead_letters") == 1)
      let connection = try await PostgresConnection.connect(writer)
      let pending: Int = try await connection.query("SELECT analytics_count_pending()").value()
      // The number is inexact, because a pending batch counts with rows that were stored before.
      #expect((0...13).contains(pending))
      for refused in [
        "SELECT id FROM analytics_events", "DELETE FROM analytics_events",
        "SELECT id FROM analytics_dead_letters",
        "UPDATE analytics_retention SET dropped_before = now()",
        "CREATE TABLE analytics_other (n integer)",
      ] {
        let error = await #expect(throws: PostgresError.self) {
          try await connection.execute(refused)
        }
        #expect(error?.sqlState == .insufficientPrivilege)
      }
      await connection.close()
      try await drop([roles.writer, roles.reader], store)
    }
  }

  @Test("the writer makes no partitions for times that are not accepted; the owner can")
  func partitions() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.migrator().grant(roles)
      try await store.connection.execute(
        "INSERT INTO analytics_retention (dropped_before) VALUES ('2020-01-01 00:00Z')")
      let writer = try await PostgresConnection.connect(configuration(store, as: roles.writer))
      for instants in [
        "array_agg(make_timestamptz(year, 6, 1, 0, 0, 0)) FROM generate_series(2101, 2400) AS year",
        "ARRAY[now(), now() + interval '25 hours']", "ARRAY['2019-12-31 23:59Z'::timestamptz]",
      ] {
        let error = await #expect(throws: PostgresError.self) {
          try await writer.execute(
            "SELECT count(*) FROM analytics_ensure_partitions((SELECT \(instants)))")
        }
        #expect(error?.sqlState == .insufficientPrivilege)
      }
      let made = "SELECT count(*) FROM analytics_partitions()"
      #expect(try await store.scalar(made) == 0)
      try await writer.execute(
        "SELECT FROM analytics_ensure_partitions(ARRAY[now(), '2020-01-01 00:00Z'::timestamptz])")
      #expect(try await store.scalar(made) == 2)
      try await store.connection.execute(
        "SELECT FROM analytics_ensure_partitions(ARRAY['2400-01-01 00:00Z'::timestamptz])")
      #expect(try await store.scalar(made) == 3)
      // All roles can use a partition that the owner has made.
      try await writer.execute(
        "SELECT FROM analytics_ensure_partitions(ARRAY['2400-01-01 00:00Z'::timestamptz])")
      await writer.close()
      try await drop([roles.writer, roles.reader], store)
    }
  }

  @Test("the reader reads everything and changes nothing")
  func reader() async throws {
    try await withStore { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([1, 0])))
      try await store.migrator().grant(roles)
      let reader = configuration(store, as: roles.reader)
      let connection = try await PostgresConnection.connect(reader)
      let count: Int = try await connection.query(
        "SELECT count(data) FROM analytics_events"
      ).only().decode(at: 0)
      #expect(count == 2)
      await connection.close()
      let refused = PostgresEventSink(AnalyticsDatabase(reader))
      #expect(await sinkError(refused, try .of(KeyedEvent.daysAgo([0])))?.kind == .retry)
      try await drop([roles.writer, roles.reader], store)
    }
  }

  @Test("a migration grants the rights on its new objects to the existing roles")
  func granted() async throws {
    try await withStore { store in
      try await store.migrator().apply()
      try await store.migrator().grant(roles)
      let stranger = "stranger-\(roles.reader)"
      // The state as if the last migration had added these objects.
      try await store.connection.execute(
        """
        REVOKE SELECT ON usage_summary FROM "\(roles.reader)";
        REVOKE EXECUTE ON FUNCTION analytics_telemetry_due() FROM "\(roles.writer)";
        CREATE ROLE "\(stranger)"; GRANT SELECT ON analytics_events TO "\(stranger)";
        """)
      let may = """
        SELECT array_agg(rolname::text ORDER BY rolname) FROM pg_roles
        WHERE rolname = ANY ('{\(roles.reader),\(roles.writer),\(stranger)}')
          AND (has_table_privilege(oid, 'usage_summary', 'SELECT')
               OR has_function_privilege(oid, 'analytics_telemetry_due()', 'EXECUTE'))
        """
      #expect(try await store.connection.query(may).only().decode([String]?.self, at: 0) == nil)
      let more = Migration(version: 900, name: "more", phase: .pre, sql: "SELECT 1")
      try await store.migrator(Migration.all + [more]).apply()
      #expect(
        try await store.connection.query(may).only().decode([String].self, at: 0)
          == [roles.reader, roles.writer])
      try await drop([roles.writer, roles.reader, stranger], store)
    }
  }

  @Test("an owner without CREATEROLE gets the SQL, and can grant once the roles exist")
  func plainOwner() async throws {
    try await withStore { store in
      try await store.connection.execute(
        "CREATE ROLE \(plainRole); CREATE SCHEMA home AUTHORIZATION \(plainRole)")
      let owner = configuration(store, as: plainRole)
      let migrator = Migrator(AnalyticsDatabase(owner, schema: "home"), engine: .plain)
      try await migrator.apply()
      guard case .mustBeCreated(let sql) = try await migrator.grant(roles) else {
        Issue.record("a role without the right made roles")
        return
      }
      try await store.connection.execute(sql)
      #expect(try await migrator.grant(roles) == .granted)
      let sink = PostgresEventSink(
        AnalyticsDatabase(configuration(store, as: roles.writer), schema: "home"))
      #expect(try await sink.write(.of(KeyedEvent.daysAgo([9, 0]))).stored == 2)
      let maintenance = Maintenance(
        AnalyticsDatabase(owner, schema: "home"), options: MaintenanceOptions(keepDays: 5))
      #expect(try await maintenance.run().dropped.count == 1)
      #expect(try await sink.write(.of(KeyedEvent.daysAgo([9]))).rejected == [.expired: 1])
      try await drop([roles.writer, roles.reader, plainRole], store)
    }
  }

  @Test("granting before the tables exist fails with one line")
  func tooEarly() async throws {
    try await withStore { store in
      let error = await #expect(throws: StoreError.self) {
        try await store.migrator().grant(roles)
      }
      #expect(error?.code == .outOfOrder)
    }
  }
}
