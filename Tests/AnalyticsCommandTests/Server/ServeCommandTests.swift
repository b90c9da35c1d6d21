import AnalyticsTestSupport
import Foundation
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("analytics serve and analytics keys", .timeLimit(.minutes(60)))
struct ServeCommandTests {
  private func text(_ url: String) async throws -> String {
    let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: url)))
    return String(decoding: data, as: UTF8.self)
  }

  private func status(_ url: String, key: String? = nil) async throws -> Int {
    var request = URLRequest(url: try #require(URL(string: url)))
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    let (_, response) = try await URLSession.shared.data(for: request)
    return (response as? HTTPURLResponse)?.statusCode ?? 0
  }

  @Test("prints one line with its URL, answers, and ends on a signal")
  func serves() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      for signal in [SIGTERM, SIGINT] {
        let (run, url) = try await CommandRun.serve(environment: environment)
        #expect(try await status(url + "ready") == 200)
        #expect(try await status(url + "api/v1/reports/tasks?tz=Europe/Berlin") == 200)
        #expect(try await status(url + "api/v1/reports/tasks?tz=x") == 400)
        run.signal(signal)
        let outcome = try await run.outcome()
        #expect(outcome.exitCode == 0 && outcome.error == "", "\(outcome.error)")
      }
    }
  }

  @Test("tracks its own requests with --track, and shows their accounting on a page and as metrics")
  func ownRequests() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let (run, url) = try await CommandRun.serve("--track", environment: environment)
      #expect(try await status(url + "api/v1/reports/tasks?tz=x") == 400)
      #expect(try await status(url + "s3cret/path") == 404)
      try await database.waitForEvents(2)
      let page = try await text(url + "dashboard/pipeline")
      #expect(page.contains("This server's own events") && page.contains("<dt>Stored</dt>"))
      let metrics = try await text(url + "metrics")
      #expect(metrics.contains("# TYPE analytics_events_tracked_total counter"), "\(metrics)")
      run.signal(SIGTERM)
      let outcome = try await run.outcome()
      #expect(outcome.exitCode == 0 && outcome.error == "", "\(outcome.error)")
      // The last requests are stored, too, because the worker ends after the server.
      let requests = try await database.text(
        """
        SELECT string_agg(data->>'endpoint' || ' ' || (data->>'status_code'), ', ' ORDER BY id)
        FROM analytics_events WHERE event_type = 'api_request' AND service = 'analytics'
        """)
      #expect(
        requests
          == "/api/v1/reports/tasks 400, NotFound 404, /dashboard/pipeline 200, /metrics 200")
    }
  }

  @Test("shows a command that stores an event on a page without events, in any schema")
  func noEvents() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let odd = ["--schema", "Usage's \"own\""]
      let migrated = try await CommandRun(["migrate"] + odd, environment: environment).outcome()
      try #require(migrated.exitCode == 0, "\(migrated.error)")
      for options in [[], odd] {
        let (run, url) = try await CommandRun.serve(options, environment: environment)
        let page = try await text(url + "dashboard")
        let printed = try #require(page.firstMatch(of: #/<pre><code>([^<]*)<\/code>/#)?.1)
        let command = String(printed).replacing("&#39;", with: "'").replacing("&quot;", with: "\"")
        let path = "\(product("analytics").deletingLastPathComponent().path):/usr/bin:/bin"
        let shell = try ChildProcess.run(
          "/usr/bin/env",
          ["-i", "PATH=\(path)", "DATABASE_URL=\(database.url)", "sh", "-c", command])
        #expect(
          shell.ending == .exited(0), "\(command): \(String(decoding: shell.output, as: UTF8.self))"
        )
        let after = try await text(url + "dashboard/live")
        #expect(after.contains("<td>deployed</td>") && !after.contains("no events yet"))
        #expect(try await !text(url + "dashboard").contains("no events yet"))
        run.signal(SIGTERM)
        #expect(try await run.outcome().exitCode == 0)
      }
    }
  }

  @Test("requires keys on a public address; keys are made, listed, used and revoked")
  func keys() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let none = try await analytics(
        "serve", "--port", "0", "--host", "0.0.0.0", environment: environment)
      #expect(none.exitCode == 1 && none.errorLines.count == 1)
      #expect(none.error.contains("analytics keys create"), "\(none.error)")
      #expect(try await analytics("keys", environment: environment).output.contains("no keys"))
      let made = try await analytics("keys", "create", "grafana", environment: environment)
      let key = made.output.trimmingCharacters(in: .newlines)
      #expect(key.wholeMatch(of: #/ank_[A-Za-z0-9_-]{43}/#) != nil, "\(made.output)\(made.error)")
      let twice = try await analytics("keys", "create", "grafana", environment: environment)
      #expect(twice.exitCode == 1 && twice.errorLines.count == 1)
      let (run, url) = try await CommandRun.serve("--host", "0.0.0.0", environment: environment)
      #expect(try await status(url + "overview") == 401)
      #expect(try await status(url + "overview", key: key) == 200)
      let list = try await analytics("keys", "list", environment: environment).output
      #expect(list.contains("\(key.prefix(10))…  read  grafana  last used "), "\(list)")
      #expect(!list.contains(key))
      let revoked = try await analytics("keys", "revoke", "grafana", environment: environment)
      #expect(revoked.exitCode == 0, "\(revoked.error)")
      let again = try await analytics("keys", "revoke", "grafana", environment: environment)
      #expect(again.exitCode == 1 && again.errorLines.count == 1)
      run.signal(SIGTERM)
      #expect(try await run.outcome().exitCode == 0)
    }
  }

  @Test(
    "refuses invalid arguments with one line",
    arguments: [
      (["--tz", "Mars/Base"], "there is no time zone"), (["--port", "70000"], "--port is"),
      (["--tls-key", "x"], "belong together"), (["--rate-limit=-1"], "--rate-limit is"),
      (["--allow-anonymous", "--require-keys"], "cannot be combined"),
      (
        ["--tls-key", "/x", "--tls-certificate", "/y"], "cannot read /y: No such file or directory"
      ),
      (
        ["--tls-key", "/", "--tls-certificate", "/"],
        "no certificate and key in PEM form in / and /"
      ),
      (
        // An address of TEST-NET-1, which no machine has.
        ["--host", "192.0.2.1", "--allow-anonymous"],
        "192.0.2.1 is not an address of this machine: give one with --host"
      ),
      (
        ["--host", "no..such.host", "--allow-anonymous"],
        "no address is known for the host \"no..such.host\": give one with --host"
      ),
    ])
  func refused(arguments: [String], line: String) async throws {
    let outcome = try await CommandRun(
      ["serve"] + arguments, environment: ["DATABASE_URL": "postgres://127.0.0.1:1/none"]
    ).outcome()
    #expect(outcome.exitCode != 0)
    #expect(outcome.errorLines.first?.contains(line) == true, "\(outcome.error)")
  }

  @Test(
    "makes keys only for roles that the server uses; others stay in the list"
  )
  func roles() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let help = try await analytics("keys", "create", "--help")
      #expect(!help.output.contains("write") && !help.output.contains("sends"), "\(help.output)")
      let refused = try await analytics(
        "keys", "create", "--role", "write", "sender", environment: environment)
      #expect(refused.exitCode == 64 && refused.output == "")
      #expect(refused.errorLines.first?.contains("'read' and 'admin'") == true, "\(refused.error)")
      for role in ["read", "admin"] {
        let made = try await analytics(
          "keys", "create", "--role", role, role, environment: environment)
        #expect(made.exitCode == 0, "\(made.error)")
      }
      // A key of an earlier version.
      _ = try await database.text(
        "UPDATE analytics_keys SET role = 'write' WHERE name = 'admin' RETURNING name")
      let list = try await analytics("keys", "list", environment: environment).output
      #expect(
        list.contains("  read  read  never used") && list.contains("  write  admin  never used"))
    }
  }

  @Test("names the port that is in use, and what to do")
  func portInUse() async throws {
    let environment = ["DATABASE_URL": "postgres://127.0.0.1:1/none"]
    let (run, url) = try await CommandRun.serve(environment: environment)
    let port = try #require(URL(string: url)?.port)
    let second = try await CommandRun(
      ["serve", "--port", "\(port)"], environment: environment
    ).outcome()
    #expect(second.exitCode == 1)
    #expect(
      second.error
        == "Error: port \(port) of 127.0.0.1 is in use: give another with --port\n")
    run.signal(SIGTERM)
    #expect(try await run.outcome().exitCode == 0)
  }

  @Test("signs statistics, and detects a changed file")
  func statistics() async throws {
    try await ImportDatabase.with { database in
      let environment = ["DATABASE_URL": database.url]
      let shown = try await analytics("statistics", environment: environment)
      #expect(shown.exitCode == 0, "\(shown.error)")
      try await withFile(shown.output.utf8, named: "statistics.json") { file in
        let right = try await analytics("statistics", "verify", file, environment: environment)
        #expect(right.exitCode == 0, "\(right.error)")
      }
      let changed = shown.output.replacing(#""users":0"#, with: #""users":9"#)
      try await withFile(changed.utf8, named: "statistics.json") { file in
        let wrong = try await analytics("statistics", "verify", file, environment: environment)
        #expect(wrong.exitCode == 1 && wrong.error.contains("was changed"))
      }
      try await withFile("nothing".utf8, named: "statistics.json") { file in
        let none = try await analytics("statistics", "verify", file, environment: environment)
        #expect(none.exitCode == 1 && none.error.contains("contains no statistics"))
      }
    }
  }
}
