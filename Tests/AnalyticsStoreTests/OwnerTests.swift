import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

/// Roles belong to the whole server, so each test has role names of its own.
struct OwnerRoles {
  private let suffix = UUID().uuidString.prefix(8).lowercased()

  var owner: String { "Owner-\(suffix)" }
  /// Two logins that receive rights, and one that receives none.
  var first: String { "first_\(suffix)" }
  var second: String { "second_\(suffix)" }
  var stranger: String { "stranger_\(suffix)" }
  var others: AnalyticsRoles {
    AnalyticsRoles(writer: "writer_\(suffix)", reader: "reader_\(suffix)")
  }

  /// Makes the logins. They are no superusers and have no CREATEROLE. The second login uses granted roles only after
  /// SET ROLE.
  func makeLogins(_ store: StoreFixture) async throws {
    for login in [first, second, stranger] {
      try await store.connection.execute(
        """
        CREATE ROLE \(login) LOGIN PASSWORD 'password' \(login == second ? "NOINHERIT" : "INHERIT")
        """)
    }
  }

  func configuration(_ store: StoreFixture, login: String) -> PostgresConfiguration {
    var configuration = store.configuration
    configuration.parameters["user"] = login
    configuration.parameters["password"] = "password"
    return configuration
  }

  func drop(_ store: StoreFixture) async throws {
    let roles = [first, second, stranger, others.writer, others.reader, owner]
    for role in roles where try await exists(role, store) {
      try await executeAgainAfterDeadlock(
        """
        REASSIGN OWNED BY "\(role)" TO CURRENT_USER;
        DROP OWNED BY "\(role)"; DROP ROLE "\(role)";
        """, store)
    }
  }

  /// Sinks of a test may still roll up. Rolling up locks the same tables in another order.
  func executeAgainAfterDeadlock(_ sql: String, _ store: StoreFixture) async throws {
    try await tryingAgain(attempts: 5) { _ in try await store.connection.execute(sql) }
  }

  func exists(_ role: String, _ store: StoreFixture) async throws -> Bool {
    try await store.scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", [.text(role)])
  }
}

extension StoreFixture {
  /// The owners of a schema's relations and functions, except those of extensions.
  func owners(in schema: String = "public") async throws -> Set<String> {
    let names: [String] = try await connection.query(
      """
      SELECT pg_get_userbyid(owner) FROM (
        SELECT oid, relowner FROM pg_class WHERE relnamespace = to_regnamespace($1)
        UNION ALL SELECT oid, proowner FROM pg_proc WHERE pronamespace = to_regnamespace($1)
      ) AS ours (oid, owner)
      WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = ours.oid AND deptype = 'e')
      """, [.text(schema)]
    ).map { row in try row.decode(at: 0) }
    return Set(names)
  }
}

@Suite("Owner role")
struct OwnerTests {
  private let roles = OwnerRoles()

  private let later = Migration(
    version: 1000, name: "later", phase: .post, sql: "CREATE TABLE later (n integer)")

  @Test("a login without rights gets the SQL; once it was run, all operations work as the owner")
  func plainLogins() async throws {
    try await withStore { store in
      try await roles.makeLogins(store)
      let first = roles.configuration(store, login: roles.first)
      let migrator = Migrator(AnalyticsDatabase(first, schema: "home"), engine: .plain)
      guard case .mustBeCreated(let sql) = try await migrator.setOwner(roles.owner) else {
        Issue.record("a role without the right made roles")
        return
      }
      #expect(try await !roles.exists(roles.owner, store))
      try await store.connection.execute(sql)
      #expect(try await migrator.setOwner(roles.owner) == .granted)
      try await migrator.apply()
      guard case .mustBeCreated(let more) = try await migrator.grant(roles.others) else {
        Issue.record("a role without the right made roles")
        return
      }
      try await store.connection.execute(more)
      #expect(try await migrator.grant(roles.others) == .granted)

      let sink = PostgresEventSink(
        AnalyticsDatabase(roles.configuration(store, login: roles.stranger), schema: "home"))
      try await store.connection.execute("GRANT \(roles.others.writer) TO \(roles.stranger)")
      #expect(try await sink.write(.of(KeyedEvent.daysAgo([9, 0]))).stored == 2)

      try await store.connection.execute("GRANT \"\(roles.owner)\" TO \(roles.second)")
      let second = roles.configuration(store, login: roles.second)
      let report = try await Maintenance(
        AnalyticsDatabase(second, schema: "home"), options: MaintenanceOptions(keepDays: 5)
      ).run()
      #expect(report.dropped.count == 1)
      #expect(report.partitionsMade > 0)
      let newer = Migrator(
        AnalyticsDatabase(second, schema: "home"), migrations: Migration.all + [later],
        engine: .plain)
      #expect(try await newer.apply().map(\.name) == ["later"])

      #expect(try await store.owners(in: "home") == [roles.owner])
      let mayLogin: Bool = try await store.scalar(
        "SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", [.text(roles.owner)])
      #expect(!mayLogin)
      try await roles.drop(store)
    }
  }

  @Test("a login that is not a member gets one line, and nothing is changed")
  func stranger() async throws {
    try await withStore { store in
      try await roles.makeLogins(store)
      try await store.migrator(engine: .plain).setOwner(roles.owner)
      try await store.migrator(engine: .plain).apply()
      let stranger = roles.configuration(store, login: roles.stranger)
      let migration = await #expect(throws: StoreError.self) {
        try await Migrator(AnalyticsDatabase(stranger), migrations: Migration.all + [later]).apply()
      }
      let upkeep = await #expect(throws: StoreError.self) {
        try await Maintenance(AnalyticsDatabase(stranger)).run()
      }
      for line in [migration?.description, upkeep?.description].map({ $0 ?? "" }) {
        #expect(line.contains(roles.owner))
        #expect(line.contains("owns the tables"))
        #expect(!line.contains("\n"))
      }
      #expect(try await store.owners() == [roles.owner])
      try await roles.drop(store)
    }
  }

  @Test("a login with CREATEROLE creates the owner; a member does not need it")
  func creator() async throws {
    try await withStore { store in
      try await roles.makeLogins(store)
      let database: String = try await store.scalar("SELECT current_database()")
      try await store.connection.execute(
        """
        ALTER ROLE \(roles.first) CREATEROLE;
        GRANT CREATE ON DATABASE "\(database)" TO \(roles.first);
        """)
      let first = Migrator(
        AnalyticsDatabase(roles.configuration(store, login: roles.first), schema: "home"),
        engine: .plain)
      #expect(try await first.setOwner(roles.owner) == .granted)
      try await store.connection.execute("GRANT \"\(roles.owner)\" TO \(roles.second)")
      let second = Migrator(
        AnalyticsDatabase(roles.configuration(store, login: roles.second), schema: "home"),
        engine: .plain)
      #expect(try await second.setOwner(roles.owner) == .granted)
      try await second.apply()
      #expect(try await first.grant(roles.others) == .granted)
      #expect(try await store.owners(in: "home") == [roles.owner])
      try await roles.drop(store)
    }
  }

  @Test("existing tables are handed over with their events, rights and functions")
  func handOver() async throws {
    try await withStore { store in
      try await roles.makeLogins(store)
      try await store.migrator(engine: .plain).apply()
      try await store.migrator().grant(roles.others)
      try await store.connection.execute("GRANT \(roles.others.writer) TO \(roles.stranger)")
      let sink = PostgresEventSink(
        AnalyticsDatabase(roles.configuration(store, login: roles.stranger)))
      let events = KeyedEvent.daysAgo([200, 9, 0])
      _ = try await sink.write(.of(events))

      let first = Migrator(
        AnalyticsDatabase(roles.configuration(store, login: roles.first)), engine: .plain)
      guard case .mustBeCreated(let sql) = try await first.setOwner(roles.owner) else {
        Issue.record("tables of another owner were taken over")
        return
      }
      try await roles.executeAgainAfterDeadlock(sql, store)
      #expect(try await first.setOwner(roles.owner) == .granted)
      #expect(try await first.apply().isEmpty)

      #expect(try await store.owners() == [roles.owner])
      let more = KeyedEvent.daysAgo([400, 3])
      let receipt = try await sink.write(.of(events + more))
      #expect(receipt == EventReceipt(stored: 2, duplicates: 3))
      #expect(try await store.owners() == [roles.owner])
      #expect(try await store.eventCount() == 5)
      try await roles.drop(store)
    }
  }
}

@Suite(
  "Owner role on TimescaleDB",
  .enabled("TimescaleDB's community edition is not installed beside PostgreSQL") {
    try await SharedTestServer.hasTimescale()
  })
struct TimescaleOwnerTests {
  private let roles = OwnerRoles()

  private func jobOwners(_ store: StoreFixture) async throws -> [String: String] {
    let jobs: [(String, String)] = try await store.connection.query(
      """
      SELECT proc_name::text, pg_get_userbyid(owner)::text FROM timescaledb_information.jobs
      WHERE job_id >= 1000
      """
    ).map { row in (try row.decode(String.self, at: 0), try row.decode(String.self, at: 1)) }
    return Dictionary(uniqueKeysWithValues: jobs)
  }

  private var expectedJobs: [String: String] {
    ["policy_compression": roles.owner, "analytics_retention_job": roles.owner]
  }

  @Test("the hypertable and its jobs belong to the owner, and the jobs run")
  func fresh() async throws {
    try await withStore(on: .timescale) { store in
      try await store.migrator().setOwner(roles.owner)
      try await store.migrator().apply()
      #expect(try await store.migrator().storageEngine() == .timescale)
      #expect(try await store.owners() == [roles.owner])
      #expect(try await jobOwners(store) == expectedJobs)
      let sink = PostgresEventSink(AnalyticsDatabase(store.configuration))
      _ = try await sink.write(.of(KeyedEvent.daysAgo([95, 20, 0])))
      let jobs = try await store.connection.query(
        "SELECT job_id FROM timescaledb_information.jobs WHERE job_id >= 1000")
      try await store.connection.execute("SET ROLE \"\(roles.owner)\"")
      for job in jobs {
        try await store.connection.execute("CALL run_job(\(try job.decode(Int.self, at: 0)))")
      }
      try await store.connection.execute("RESET ROLE")
      #expect(try await store.eventCount() == 2)
      try await roles.drop(store)
    }
  }

  @Test("an installation is handed over with its jobs and their settings")
  func handOver() async throws {
    try await withStore(on: .timescale) { store in
      let sink = try await store.sink()
      _ = try await sink.write(.of(KeyedEvent.daysAgo([95, 0])))
      try await store.connection.execute(
        """
        SELECT alter_job(job_id, config => '{"keep_days": 400}', scheduled => false)
        FROM timescaledb_information.jobs WHERE proc_name = 'analytics_retention_job'
        """)
      #expect(try await store.migrator().setOwner(roles.owner) == .granted)
      #expect(try await store.migrator().setOwner(roles.owner) == .granted)
      #expect(try await store.owners() == [roles.owner])
      #expect(try await jobOwners(store) == expectedJobs)
      let job: String = try await store.scalar(
        """
        SELECT concat(config->>'keep_days', ' ', scheduled) FROM timescaledb_information.jobs
        WHERE proc_name = 'analytics_retention_job'
        """)
      #expect(job == "400 f")
      _ = try await sink.write(.of(KeyedEvent.daysAgo([3000, 1])))
      #expect(try await store.owners() == [roles.owner])
      #expect(try await store.eventCount() == 4)
      try await roles.drop(store)
    }
  }
}
