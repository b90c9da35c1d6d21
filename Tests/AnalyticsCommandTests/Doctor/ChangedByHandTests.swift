import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("What the doctor finds that somebody has changed by hand", .timeLimit(.minutes(30)))
struct ChangedByHandTests {
  @Test("a column that was renamed, and one that was dropped")
  func columns() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        """
        ALTER TABLE analytics_pending RENAME COLUMN stored_at TO kept_at;
        ALTER TABLE analytics_rollup_tasks_v2 DROP COLUMN cancelled CASCADE
        """)
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 2)
      let names = "analytics_pending.stored_at, analytics_rollup_tasks_v2.cancelled"
      #expect(doctor.line("columns")?.hasPrefix("fail  columns: missing: \(names) → ") == true)
    }
  }

  @Test("a column of the events that was renamed, beside what else can be looked at")
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

  @Test("a table, and a partition, that is not logged: what it says mends it")
  func unlogged() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      try await database.store(days: 1)
      let partition = try #require(
        try await database.text("SELECT partition::text FROM analytics_partitions()"))
      for table in ["analytics_usage_periods", partition] {
        // What refers to it must not be logged either.
        try await database.execute(
          """
          ALTER TABLE analytics_usage_counters SET UNLOGGED;
          ALTER TABLE analytics_usage_members SET UNLOGGED;
          ALTER TABLE \(table) SET UNLOGGED;
          """)
        try await database.follow("logging")
        try await database.follow("logging")
        try await database.follow("logging")
        #expect(
          try await database.doctor().line("logging") == "ok    logging: all tables are logged")
      }
    }
  }

  @Test("a trigger that was switched off: what it says mends it")
  func disabledTrigger() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        "ALTER TABLE analytics_events DISABLE TRIGGER analytics_mark_batch")
      let doctor = try await database.doctor()
      #expect(
        doctor.line("triggers")?.hasPrefix(
          "fail  triggers: switched off: analytics_mark_batch on analytics_events → ") == true)
      #expect(doctor.line("storing")?.hasPrefix("fail ") == true)
      try await database.follow("triggers")
      #expect(try await database.doctor().exitCode == 0)
      try await database.execute("DROP TRIGGER analytics_mark_batch ON analytics_events")
      #expect(
        try await database.doctor().line("triggers")?.hasPrefix("fail  triggers: missing: ") == true
      )
    }
  }

  @Test("a trigger of somebody's own, and what it does to an event")
  func foreignTrigger() async throws {
    try await ImportDatabase.with { database in
      func trigger(_ body: String) -> String {
        """
        CREATE OR REPLACE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN \(body); END $$;
        CREATE OR REPLACE TRIGGER theirs BEFORE INSERT ON analytics_events
            FOR EACH ROW EXECUTE FUNCTION theirs()
        """
      }
      try await database.execute(trigger("RETURN new"))
      let harmless = try await database.doctor()
      #expect(harmless.exitCode == 1)
      #expect(
        harmless.line("triggers")?.hasPrefix(
          "warn  triggers: not of these migrations: theirs on analytics_events → ") == true)
      #expect(
        harmless.line("storing") == "ok    storing: an event was stored and taken back")
      try await database.execute(trigger("RETURN NULL"))
      #expect(
        try await database.doctor().line("storing")?.hasPrefix(
          "fail  storing: an event was passed over without an error → ") == true)
      try await database.execute(trigger("RAISE EXCEPTION 'a secret'"))
      let refusing = try await database.doctor()
      #expect(refusing.exitCode == 2)
      #expect(refusing.line("storing")?.contains("a function raised an exception") == true)
      #expect(!refusing.output.contains("a secret"))
      #expect(try await database.eventCount == 0)
    }
  }

  @Test("what refuses each event for ever, and the events that it has refused")
  func refused() async throws {
    try await ImportDatabase.with(engine: "plain") { database in
      try await database.execute("ALTER TABLE analytics_events ADD COLUMN region text NOT NULL")
      let imported = try await database.importing("-", input: goodLine(1, at: Date()))
      #expect(imported.summary.rejected == 1)
      let doctor = try await database.doctor()
      #expect(doctor.line("storing")?.contains("a required value is missing (table ") == true)
      #expect(doctor.line("storing")?.contains(", column region)") == true)
      #expect(
        doctor.line("refused events")?.hasPrefix("warn  refused events: 1 are kept apart → ")
          == true)
    }
  }

  @Test("settings of a role or the database that keep events from being stored")
  func settings() async throws {
    try await ImportDatabase.with { database in
      let role = "app_\(UUID().uuidString.prefix(8).lowercased())"
      let name = try #require(try await database.text("SELECT current_database()"))
      try await database.execute(
        """
        CREATE ROLE \(role); GRANT INSERT ON analytics_events TO \(role);
        ALTER ROLE \(role) IN DATABASE "\(name)" SET default_transaction_read_only = on;
        ALTER ROLE \(role) SET session_replication_role = replica;
        ALTER DATABASE "\(name)" SET statement_timeout = '1h'
        """)
      let doctor = try await database.doctor()
      #expect(doctor.exitCode == 2)
      let line = try #require(doctor.line("settings"))
      #expect(line.contains("role \(role): session_replication_role=replica"))
      #expect(line.contains("role \(role) database \(name): default_transaction_read_only=on"))
      #expect(!line.contains("statement_timeout"))
      try await database.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
      try await database.execute(
        #"ALTER DATABASE "\#(name)" SET search_path = elsewhere, "$user""#)
      let doctorOfSchema = try await database.doctor("--schema", "public")
      #expect(doctorOfSchema.exitCode == 0, "\(doctorOfSchema.output)")
      try await database.execute(
        #"ALTER DATABASE "\#(name)" RESET search_path; ALTER DATABASE "\#(name)" SET default_transaction_read_only = on"#
      )
      let readOnly = try await database.doctor()
      #expect(
        readOnly.line("writing")?.hasPrefix("fail  writing: default_transaction_read_only is on")
          == true)
      #expect(readOnly.line("settings")?.contains("database \(name): default_") == true)
      #expect(readOnly.line("storing") == nil)
    }
  }

  @Test("events that came around the triggers, and the subscription that writes them")
  func unknownBatches() async throws {
    try await ImportDatabase.with { database in
      try await database.execute(
        """
        SELECT analytics_ensure_partitions(ARRAY[now()]);
        SET session_replication_role = replica;
        INSERT INTO analytics_events (id, timestamp, event_type, service, data, batch)
        SELECT gen_random_uuid(), now(), 'theirs', 'elsewhere', '{}', 900 + n / 2
        FROM generate_series(1, 5) AS n;
        RESET session_replication_role;
        CREATE SUBSCRIPTION copies CONNECTION 'host=/nowhere' PUBLICATION all_of_it
            WITH (connect = false, slot_name = NONE, enabled = false);
        INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
        SELECT oid, 'analytics_events'::regclass, 'r' FROM pg_subscription
        WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
      let doctor = try await database.doctor()
      try await database.execute("DROP SUBSCRIPTION copies")
      #expect(doctor.exitCode == 2)
      #expect(
        doctor.line("subscriptions")?.hasPrefix("warn  subscriptions: copies writes here") == true)
      #expect(
        doctor.line("batches")
          == "fail  batches: 5 events came around the triggers and are in no report → run `analytics rollups refresh`"
      )
      for _ in 1...2 { #expect(try await database.run("rollups", "refresh").exitCode == 0) }
      #expect(try await database.doctor().line("batches") == "ok    batches: all known")
      #expect(try await database.counted == 5)
      #expect(try await database.run("rollups", "verify").exitCode == 0)
      try await database.store(days: 1)
      #expect(try await database.counted == 8)
    }
  }

  @Test("who may only read is told what was not looked at")
  func reader() async throws {
    try await ImportDatabase.with { database in
      try await database.store(days: 1)
      #expect(try await database.run("migrate", "roles").exitCode == 0)
      let doctor = try await analytics(
        "doctor", "--folder", "/nowhere/spool",
        environment: [
          "DATABASE_URL": database.url(adding: "options=-c%20role%3Danalytics_reader")
        ])
      #expect(doctor.line("batches") == "ok    batches: not looked at: only the owner may")
      #expect(
        doctor.line("refused events") == "ok    refused events: not looked at: only the owner may")
      #expect(doctor.line("raw events")?.hasPrefix("ok ") == true)
    }
  }
}

extension ImportDatabase {
  func run(_ arguments: String...) async throws -> CommandRun.Outcome {
    try await CommandRun(arguments, environment: ["DATABASE_URL": url]).outcome()
  }

  func doctor(_ options: String...) async throws -> CommandRun.Outcome {
    try await CommandRun(
      ["doctor", "--folder", "/nowhere/spool"] + options, environment: ["DATABASE_URL": url]
    ).outcome()
  }

  /// Does what `doctor` says of something: its advice is a statement.
  func follow(_ finding: String) async throws {
    let line = try #require(try await doctor().line(finding))
    try await execute(try #require(line.split(separator: " → ").dropFirst().first.map(String.init)))
  }

  /// Stores three events on each of the last days.
  func store(days: Int) async throws {
    let (summary, outcome) = try await importing("-", input: Self.lines(days: days))
    #expect(summary.stored + summary.duplicates == days * 3, "\(outcome.error)")
  }

  static func lines(days: Int) -> String {
    (0..<days * 3).map {
      goodLine($0, at: Date(timeIntervalSinceNow: -Double($0 / 3) * 86_400))
    }.joined()
  }

  /// How many events reports count.
  var counted: Int {
    get async throws {
      try await number("SELECT coalesce(sum(events), 0)::int8 FROM analytics_rollup_events_daily")
    }
  }
}

extension CommandRun.Outcome {
  /// What `doctor` has found of one thing.
  func line(_ finding: String) -> String? {
    output.split(separator: "\n").map(String.init)
      .first { $0.dropFirst(6).hasPrefix("\(finding): ") }
  }
}
