import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("analytics migrate")
struct MigrateTests {
  private struct Listing: Decodable {
    var engine: String?
    var migrations: [Entry]
  }

  private struct Entry: Decodable, Equatable {
    var version: Int
    var name: String
    var phase: String
    var state: String
    var appliedAt: Date?
  }

  private func decode<Value: Decodable>(_: Value.Type, _ outcome: CommandRun.Outcome) throws
    -> Value
  {
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.dateDecodingStrategy = .iso8601
    return try decoder.decode(Value.self, from: Data(outcome.output.utf8))
  }

  @Test("--json prints the same as the text")
  func json() async throws {
    try await withTestDatabase { url in
      func run(_ arguments: String...) async throws -> CommandRun.Outcome {
        try await CommandRun(
          ["migrate"] + arguments + ["--json"], environment: ["DATABASE_URL": url]
        ).outcome()
      }
      let before = try decode(Listing.self, try await run("status"))
      #expect(before.engine == nil)
      #expect(!before.migrations.isEmpty)
      #expect(before.migrations.allSatisfy { $0.state == "pending" && $0.appliedAt == nil })
      #expect(try decode([Entry].self, try await run("dry-run")) == before.migrations)
      let pre = try decode([Entry].self, try await run("pre"))
      let rest = try decode([Entry].self, try await run("post"))
      #expect((pre + rest).map(\.version).sorted() == before.migrations.map(\.version))
      #expect((pre + rest).allSatisfy { $0.state == "applied" && $0.appliedAt != nil })
      #expect(try decode([Entry].self, try await run("all")).isEmpty)
      #expect(try decode([Entry].self, try await run("dry-run")).isEmpty)
      let after = try decode(Listing.self, try await run("status"))
      #expect(["plain", "timescale"].contains(after.engine))
      #expect(after.migrations == (pre + rest).sorted { $0.version < $1.version })
    }
  }

  @Test("post on an empty database is refused with advice, and creates nothing")
  func postFirst() async throws {
    try await withTestDatabase { url in
      let environment = ["DATABASE_URL": url]
      let outcome = try await analytics("migrate", "post", environment: environment)
      #expect(outcome.exitCode == 1)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.error.contains("run `analytics migrate pre` first"))
      let status = try await analytics("migrate", "status", environment: environment)
      #expect(status.output.contains("engine: none yet\n"))
      #expect(!status.output.contains("applied"))
    }
  }

  @Test("pre creates the tables, post the rollups, which count events stored in between once")
  func phases() async throws {
    try await withTestDatabase { url in
      let environment = ["DATABASE_URL": url]
      func run(_ arguments: String...) async throws -> CommandRun.Outcome {
        try await CommandRun(arguments, environment: environment).outcome()
      }
      #expect(try await run("migrate", "pre").exitCode == 0)
      #expect(try await run("migrate", "roles").exitCode == 0)
      try await PostgresConnection.withConnection(to: PostgresConfiguration(url: url)) {
        let made = """
          SELECT coalesce(string_agg(relname, ' '), 'none') FROM pg_class
          WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
            AND (relname LIKE 'analytics\\_daily\\_%' OR relname LIKE 'analytics\\_rollup\\_%')
          """
        #expect(try await $0.query(SQL(verbatim: made)).value() == "none")
        let input = try CommandRun(["import", "-"], environment: environment, takesInput: true)
        try input.send(goodLine(1, at: Date()))
        try input.closeInput()
        #expect(try await input.outcome().exitCode == 0)

        let status = try await run("migrate", "status")
        let advice = "rollups: none yet, and reports need them → run `analytics migrate post`\n"
        #expect(status.output.contains(advice))
        let doctor = try await run("doctor", "--directory", "/nowhere/spool")
        #expect(doctor.exitCode == 2)
        #expect(doctor.output.contains("fail  \(advice)"))
        for arguments in [
          ["report", "events-by-type"], ["rollups", "verify"], ["rollups", "status"],
        ] {
          let refused = try await CommandRun(arguments, environment: environment).outcome()
          #expect(refused.exitCode == 1)
          #expect(refused.error.contains("run `analytics migrate`"), "\(refused.error)")
        }

        #expect(try await run("migrate", "post").exitCode == 0)
        #expect(try await $0.query(SQL(verbatim: made)).value() != "none")
        let report = try await run("report", "events-by-type", "--format", "csv")
        #expect(report.output.contains(",task_started,1,1,"), "\(report.output)")
        #expect(try await run("rollups", "verify").exitCode == 0)
        #expect(try await run("migrate", "status").output.contains("rollups: complete\n"))
        let mayRead = """
          SELECT has_table_privilege('analytics_reader', 'analytics_rollup_tasks', 'SELECT')
          """
        #expect(try await $0.query(SQL(verbatim: mayRead)).value() == true)
      }
    }
  }

  @Test("--owner creates a role that owns the tables, or prints the SQL for it")
  func owner() async throws {
    try await ImportDatabase.with { database in
      let suffix = UUID().uuidString.prefix(8).lowercased()
      let (owner, login) = ("owner_\(suffix)", "login_\(suffix)")
      try await database.execute("CREATE ROLE \(login) LOGIN PASSWORD 'password'")
      let url = database.url + (database.url.contains("?") ? "&" : "?")
      let environment = ["DATABASE_URL": url + "user=\(login)&password=password"]
      let arguments = ["migrate", "all", "--schema", "home", "--owner", owner]
      let refused = try await CommandRun(arguments, environment: environment).outcome()
      #expect(refused.exitCode == 1)
      #expect(refused.errorLines.count == 1)
      #expect(refused.output.contains("CREATE ROLE \(owner) "))
      try await database.execute(refused.output)
      let outcome = try await CommandRun(arguments, environment: environment).outcome()
      #expect(outcome.exitCode == 0, "\(outcome.error)")
      #expect(outcome.output.contains("applied"))
      let table =
        "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'home.analytics_events'::regclass"
      #expect(try await database.text(table) == owner)
      let handedOver = try await analytics(
        "migrate", "pre", "--owner", owner, environment: ["DATABASE_URL": database.url])
      #expect(handedOver.exitCode == 0, "\(handedOver.error)")
      #expect(try await database.text(table.replacing("home", with: "public")) == owner)
      // TimescaleDB keeps a role that owns jobs.
      try await database.execute(
        """
        DO $$ BEGIN
          IF to_regproc('delete_job') IS NOT NULL THEN
            PERFORM delete_job(job_id) FROM timescaledb_information.jobs
            WHERE owner = '\(owner)'::regrole;
          END IF;
        END $$
        """)
      for role in [owner, login] {
        try await database.execute("DROP OWNED BY \(role) CASCADE; DROP ROLE \(role)")
      }
    }
  }
}
