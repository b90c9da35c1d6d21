import AnalyticsPostgres
import AnalyticsTestSupport
import AnalyticsText
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("Manual changes that the doctor finds", .timeLimit(.minutes(60)))
struct ChangedByHandTests {
  @Test("include a renamed column and a dropped column")
  func columns() async throws {
    try await ImportDatabase.with { database in
      func missing() async throws -> String? {
        let doctor = try await database.doctor()
        #expect(doctor.exitCode == 2)
        return doctor.line("columns")?.split(separator: " → ").first.map(String.init)
      }
      try await database.execute(
        "ALTER TABLE analytics_rollup_tasks_v2 DROP COLUMN cancelled CASCADE")
      #expect(try await missing() == "fail  columns: missing: analytics_rollup_tasks_v2.cancelled")
      try await database.execute(
        """
        ALTER TABLE analytics_retention RENAME COLUMN dropped_before TO kept_from;
        ALTER TABLE analytics_rollups RENAME COLUMN definition TO text;
        ALTER TABLE analytics_erasures RENAME TO erased
        """)
      #expect(
        try await missing()
          == "fail  columns: missing: analytics_erasures, analytics_retention.dropped_before, analytics_rollups.definition"
      )
    }
  }

  @Test("include a renamed column of the events, while all possible checks still run")
  func eventColumn() async throws {
    try await ImportDatabase.with { database in
      try await database.execute("ALTER TABLE analytics_events RENAME COLUMN service TO app")
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 2)
      #expect(
        doctor.line("columns")?.hasPrefix("fail  columns: missing: analytics_events.service → ")
          == true)
      #expect(doctor.line("storing")?.hasPrefix("fail ") == true)
      #expect(doctor.line("retention")?.hasPrefix("ok ") == true)
    }
  }

  @Test("include an unlogged table and an unlogged partition: the advice repairs them")
  func unlogged() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      try await database.store(days: 1)
      let partition = try #require(
        try await database.text("SELECT partition::text FROM analytics_partitions()"))
      try await database.execute(
        """
        ALTER TABLE analytics_rollup_pending SET UNLOGGED;
        ALTER TABLE analytics_rollups SET UNLOGGED;
        ALTER SEQUENCE analytics_batches SET UNLOGGED;
        ALTER TABLE \(partition) SET UNLOGGED;
        CREATE UNLOGGED TABLE analytics_scratch ()
        """)
      let line = try #require(try await database.doctor().line("logging"))
      #expect(line.hasPrefix("fail  logging: UNLOGGED"))
      #expect(!line.contains("scratch"))
      try await database.follow("logging")
      #expect(try await database.doctor().line("logging") == "ok    logging: all tables are logged")
    }
  }

  @Test("include a disabled trigger: the advice repairs it")
  func disabledTrigger() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        "ALTER TABLE analytics_events DISABLE TRIGGER analytics_mark_batch")
      let doctor = try await database.doctor()
      #expect(
        doctor.line("triggers")?.hasPrefix(
          "fail  triggers: switched off: analytics_mark_batch on public.analytics_events → ")
          == true)
      #expect(doctor.line("storing")?.hasPrefix("fail ") == true)
      try await database.follow("triggers")
      #expect(try await database.doctor().exitCode == 0)
      try await database.execute("DROP TRIGGER analytics_mark_batch ON analytics_events")
      #expect(
        try await database.doctor().line("triggers")?.hasPrefix("fail  triggers: missing: ") == true
      )
    }
  }

  @Test("include a foreign trigger, with its effect on an event")
  func foreignTrigger() async throws {
    try await ImportDatabase.with { database in
      func trigger(_ body: String) -> String {
        """
        CREATE OR REPLACE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN \(body); END $$;
        CREATE OR REPLACE TRIGGER analytics_theirs BEFORE INSERT ON analytics_events
            FOR EACH ROW EXECUTE FUNCTION theirs()
        """
      }
      try await database.execute(trigger("RETURN new"))
      let harmless = try await database.doctor()
      #expect(harmless.exitCode == 1)
      #expect(
        harmless.line("triggers")?.hasPrefix(
          "warn  triggers: not of these migrations: analytics_theirs on public.analytics_events → "
        ) == true)
      #expect(
        harmless.line("storing") == "ok    storing: an event was stored and rolled back")
      try await database.execute(trigger("RETURN NULL"))
      #expect(
        try await database.doctor().line("storing")?.hasPrefix(
          "fail  storing: an event was not stored, without an error → ") == true)
      try await database.execute(trigger("RAISE EXCEPTION 'a secret'"))
      let refusing = try await database.doctor()
      #expect(refusing.exitCode == 2)
      #expect(refusing.line("storing")?.contains("a function raised an exception") == true)
      #expect(!refusing.output.contains("a secret"))
      #expect(try await database.eventCount == 0)
    }
  }

  @Test("include a constraint that refuses every event, with the refused events")
  func refused() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      try await database.execute("ALTER TABLE analytics_events ADD COLUMN region text NOT NULL")
      let imported = try await database.importing("-", input: goodLine(1, at: Date()))
      #expect(imported.summary.rejected == 1)
      let doctor = try await database.doctor()
      #expect(doctor.line("storing")?.contains("a required value is missing (table ") == true)
      #expect(doctor.line("storing")?.contains(", column region)") == true)
      #expect(
        doctor.line("refused events")?.hasPrefix("warn  refused events: 1 is dead-lettered → ")
          == true)
    }
  }

  @Test("include settings that prevent a login from storing, but not those that apply to no login")
  func settings() async throws {
    try await ImportDatabase.with { database in
      let role = "app_\(UUID().uuidString.prefix(8).lowercased())"
      let name = try #require(try await database.text("SELECT current_database()"))
      try await database.execute(
        """
        CREATE ROLE \(role) LOGIN; GRANT INSERT ON analytics_events TO \(role);
        CREATE ROLE \(role)_group; GRANT INSERT ON analytics_events TO \(role)_group;
        ALTER ROLE \(role)_group SET default_transaction_read_only = on;
        ALTER ROLE \(role) IN DATABASE "\(name)" SET default_transaction_read_only = on;
        ALTER ROLE \(role) SET session_replication_role = replica;
        CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO \(role);
        ALTER ROLE \(role) SET search_path = nowhere, "elsewhere", public;
        ALTER DATABASE "\(name)" SET statement_timeout = '1h'
        """)
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 2)
      let found = [
        "role \(role) in database \(name): default_transaction_read_only=on",
        "role \(role): search_path=nowhere, elsewhere, public",
        "role \(role): session_replication_role=replica",
      ]
      #expect(
        doctor.line("settings")?.split(separator: " → ").first.map(String.init)
          == "fail  settings: keep events from being stored: \(found.joined(separator: "; "))")
      // With --schema search_path does not matter. A setting that is more specific for the role overrides others.
      try await database.execute(
        """
        ALTER ROLE \(role) IN DATABASE "\(name)" SET default_transaction_read_only = off;
        ALTER ROLE \(role) IN DATABASE "\(name)" SET session_replication_role = origin;
        ALTER ROLE \(role) SET default_transaction_read_only = on
        """)
      #expect(
        try await database.doctor("--schema", "public").line("settings")?.hasPrefix("ok ") == true)
      try await database.execute(
        """
        ALTER ROLE \(role) SET search_path = nowhere, "$user", public;
        """)
      #expect(try await database.doctor().line("settings")?.hasPrefix("ok ") == true)
      try await database.execute(
        "DROP OWNED BY \(role); DROP ROLE \(role); DROP OWNED BY \(role)_group; DROP ROLE \(role)_group"
      )
    }
  }

  @Test("include a database whose transactions are read-only")
  func readOnly() async throws {
    try await ImportDatabase.with { database in
      let name = try #require(try await database.text("SELECT current_database()"))
      try await database.execute(
        #"ALTER DATABASE "\#(name)" SET default_transaction_read_only = on"#)
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 2)
      #expect(
        doctor.line("writing")?.hasPrefix("fail  writing: default_transaction_read_only is on")
          == true)
      #expect(doctor.line("settings")?.contains("database \(name): default_") == true)
      #expect(doctor.line("storing") == nil)
    }
  }

  @Test("include tables outside search_path")
  func elsewhere() async throws {
    try await ImportDatabase.with { database in
      let name = try #require(try await database.text("SELECT current_database()"))
      try await database.execute(
        #"CREATE SCHEMA other; ALTER DATABASE "\#(name)" SET search_path = other, public"#)
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 2)
      #expect(
        doctor.line("migrations")
          == "fail  migrations: search_path does not lead to the tables, which are in public → give --schema public, or change search_path"
      )
      let told = try await database.doctor("--schema", "public")
      #expect(told.exitCode == 0, "\(told.output)")
      let new = try await database.doctor("--schema", "other")
      #expect(new.line("migrations")?.hasSuffix("→ run `analytics migrate`") == true)
    }
  }

  @Test("include events stored with the triggers off, and the subscription that writes them")
  func unknownBatches() async throws {
    try await ImportDatabase.with { database in
      func replicate(_ events: Int, from batch: Int) async throws {
        try await database.execute(
          """
          SELECT analytics_ensure_partitions(ARRAY[now()]);
          SET session_replication_role = replica;
          INSERT INTO analytics_events (id, timestamp, event_type, service, data, batch)
          SELECT gen_random_uuid(), now(), 'theirs', 'elsewhere', '{}', \(batch) + n / 2
          FROM generate_series(1, \(events)) AS n;
          RESET session_replication_role
          """)
      }
      try await replicate(5, from: 900)
      try await database.execute(
        """
        CREATE SUBSCRIPTION copies CONNECTION 'host=/nowhere' PUBLICATION all_of_it
            WITH (connect = false, slot_name = NONE, enabled = false);
        INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
        SELECT oid, 'analytics_events'::regclass, 'r' FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
      let off = try await database.doctor()
      // The subscription only seems to be on: its worker would search for a server that does not exist.
      try await database.execute(
        "UPDATE pg_subscription SET subenabled = true WHERE subname = 'copies' AND \(Self.ofThis)")
      let doctor = try await database.doctor()
      try await database.execute(
        """
        UPDATE pg_subscription SET subenabled = false WHERE subname = 'copies' AND \(Self.ofThis);
        DROP SUBSCRIPTION copies
        """)
      #expect(off.line("subscriptions") == "ok    subscriptions: none writes here")
      #expect(doctor.line("subscriptions")?.hasPrefix("warn  subscriptions: copies: ") == true)
      #expect(doctor.exitCode == 2)
      #expect(
        doctor.line("batches")
          == "fail  batches: 5 events were stored with the triggers off, and no report counts them → run `analytics rollups refresh`"
      )
      for _ in 1...2 { #expect(try await database.run("rollups", "refresh").exitCode == 0) }
      #expect(
        try await database.doctor().line("batches")
          == "ok    batches: each is rolled up or waits for it")
      #expect(try await database.counted == 5)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
      try await database.store(days: 1)
      #expect(try await database.counted == 8)
      // These batch numbers were used here before. One of them belongs to a pending batch that has the times of its
      // events, as a sink's batch does. Only a recount finds these events.
      try await database.execute(
        """
        SELECT set_config('analytics.stored_times', tstzmultirange(tstzrange(
                   now() - interval '25 hours', now() - interval '23 hours'))::text, true),
               set_config('analytics.stored_events', '1', true);
        INSERT INTO analytics_events (id, timestamp, event_type, service, data)
        VALUES (gen_random_uuid(), now() - interval '24 hours', 'ours', 'here', '{}')
        """)
      let pending = try await database.number("SELECT max(batch) FROM analytics_events")
      let rolledUp = try await database.number(
        "SELECT max(batch) FROM analytics_events WHERE event_type NOT IN ('ours', 'theirs')")
      for number in [rolledUp, pending] { try await replicate(1, from: number) }
      #expect(try await database.run("rollups", "verify").exitCode == 1)
      let today = Date()
      let recomputed = try await database.run(
        "rollups", "recompute", "--from", today.addingTimeInterval(-86_400).utcDay, "--to",
        today.addingTimeInterval(2 * 86_400).utcDay)
      #expect(recomputed.exitCode == 0, "\(recomputed.error)")
      #expect(try await database.counted == 11)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
    }
  }

  private static let ofThis =
    "subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"

  @Test("a login that may only read or only write is told what was not checked")
  func roles() async throws {
    try await ImportDatabase.with { database in
      try await database.store(days: 1)
      #expect(try await database.run("migrate", "roles").exitCode == 0)
      func doctor(as role: String) async throws -> CommandRun.Outcome {
        try await analytics(
          "doctor", "--directory", "/nowhere/spool",
          environment: ["DATABASE_URL": database.url(adding: "options=-c%20role%3D\(role)")])
      }
      for role in ["analytics_reader", "analytics_writer"] {
        let doctor = try await doctor(as: role)
        #expect(
          doctor.line("batches") == "ok    batches: not checked: only the owner of the tables may")
        #expect(
          doctor.line("refused events")
            == "ok    refused events: not checked: only the owner of the tables may"
        )
        #expect(doctor.line("raw events")?.hasPrefix("ok ") == true, "\(doctor.output)")
      }
      let reader = try await doctor(as: "analytics_reader")
      #expect(reader.line("triggers")?.hasPrefix("ok ") == true)
      #expect(reader.line("rights")?.hasPrefix("fail ") == true)
      #expect(reader.line("storing") == nil)
      let writer = try await doctor(as: "analytics_writer")
      #expect(
        writer.line("columns")
          == "ok    columns: those of rollups were not checked: this login may not")
      #expect(writer.line("storing")?.hasPrefix("ok ") == true)
    }
  }
}

extension ImportDatabase {
  func run(_ arguments: String...) async throws -> CommandRun.Outcome {
    try await CommandRun(arguments, environment: ["DATABASE_URL": url]).outcome()
  }

  func doctor(_ options: String...) async throws -> CommandRun.Outcome {
    try await CommandRun(
      ["doctor", "--directory", "/nowhere/spool"] + options, environment: ["DATABASE_URL": url]
    ).outcome()
  }

  /// Follows the advice of a finding: its advice contains statements.
  func follow(_ finding: String) async throws {
    let line = try #require(try await doctor().line(finding))
    try await execute(try #require(line.split(separator: " → ").dropFirst().first.map(String.init)))
  }

  /// Stores three events on each of the last days. Repeating it stores none.
  func store(days: Int) async throws {
    let (summary, outcome) = try await importing("-", input: Self.lines(days: days))
    #expect(summary.stored + summary.duplicates == days * 3, "\(outcome.error)")
  }

  /// Noon of yesterday, so that a test that runs at midnight has one day.
  static let noon = Date(
    timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 - 43_200)

  /// Three events on this day and on each day before.
  static func lines(days: Int) -> String {
    (0..<days * 3).map {
      goodLine($0, at: noon.addingTimeInterval(-Double($0 / 3) * 86_400))
    }.joined()
  }

  /// The number of events that reports count.
  var counted: Int {
    get async throws {
      try await number("SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events_daily")
    }
  }
}

extension CommandRun.Outcome {
  /// The line of `doctor` for a check.
  func line(_ finding: String) -> String? {
    output.split(separator: "\n").map(String.init)
      .first { $0.dropFirst(6).hasPrefix("\(finding): ") }
  }
}
