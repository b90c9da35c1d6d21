import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

@Suite("Connecting to the server", .serialized, .timeLimit(.minutes(60)))
struct ConnectionTests {
  private static let password = "wrong-s3cret"

  @Test(
    "TLS with a verified certificate works; any problem with it is reported in one line",
    .enabled(if: TLSServer.isPossible, "\(TLSServer.absence)"))
  func tls() async throws {
    try await TLSServer.with { tls in
      for url in try documentedURLs(for: tls) {
        let imported = try await analytics(
          "import", "-", environment: ["DATABASE_URL": url], input: goodLine(1))
        #expect(imported.exitCode == 0, "\(imported.error)")
        let doctor = try await analytics("doctor", environment: ["DATABASE_URL": url])
        #expect(doctor.output.contains("ok    connection: by TLS"))
      }
      let verified = tls.url + "?sslmode=verify-full&sslrootcert="
      let wrong = [
        verified + tls.otherAuthority, verified + "/nowhere/root.crt",
        (verified + tls.authority).replacing("@localhost", with: "@127.0.0.1"),
      ]
      for url in wrong { try await expectOneLine(on: url, saying: "check sslmode, sslrootcert") }
    }
    let withoutTLS = try await LocalPostgres.startTemporary(listensOnTCP: true)
    let url = try #require(withoutTLS.tcpURL(database: "postgres"))
    try await expectOneLine(on: url + "?sslmode=require", saying: "check sslmode")
    try await withoutTLS.stop(.immediate)
  }

  /// The example URLs of docs/OPERATING.md, with a real server in place of theirs. If a URL names two servers, the
  /// first one does not exist.
  private func documentedURLs(for tls: TLSServer) throws -> [String] {
    let file = URL(fileURLWithPath: #filePath).appendingPathComponent(
      "../../../../docs/OPERATING.md"
    ).standardizedFileURL
    let components = try #require(URLComponents(string: tls.url))
    let (password, port) = (try #require(components.password), try #require(components.port))
    let examples = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("postgres://USER:PASSWORD@") }
    #expect(examples.count == 2)
    return examples.map { example in
      String(example).replacing("USER:PASSWORD", with: "postgres:\(password)")
        .replacing("db.example.com:5432", with: "localhost:\(port)")
        .replacing("db1.example.com:5432", with: "localhost:1")
        .replacing("db2.example.com:5432", with: "localhost:\(port)")
        .replacing("/etc/ssl/database-ca.pem", with: tls.authority)
        .replacing("/analytics?", with: "/postgres?")
    }
  }

  @Test("a correct SCRAM password works; a wrong one is reported in one line with what to do")
  func errors() async throws {
    let server = try await LocalPostgres.startTemporary(listensOnTCP: true)
    let given = try #require(server.tcpURL(database: "postgres"))
    let right = try #require(URLComponents(string: given)?.password)
    #expect(try await usesSCRAM(given))
    let migrated = try await analytics("migrate", environment: ["DATABASE_URL": given])
    #expect(migrated.exitCode == 0, "\(migrated.error)")
    let port = try #require(URLComponents(string: given)?.port)
    func url(
      user: String = "postgres", password: String? = right, host: String = "127.0.0.1",
      port: Int = port, database: String = "postgres"
    ) -> String {
      "postgres://\(user)\(password.map { ":\($0)" } ?? "")@\(host):\(port)/\(database)"
    }
    let cases = [
      (url(password: Self.password), "check user and password"),
      (url(password: nil), "check user and password"),
      (url(user: "nobody"), "check user and password"),
      (url(database: "missing"), "create the database"),
      (url(port: 1), "host and port are right"),
      (url(host: "no..such.host"), "host and port are right"),
    ]
    for (url, advice) in cases { try await expectOneLine(on: url, saying: advice) }
    try await server.stop(.immediate)
  }

  @Test("a server that is too old is reported in one line")
  func tooOld() async throws {
    try await withUnmigratedDatabase { url in
      // This function hides the version setting of the real server.
      try await execute(
        """
        CREATE FUNCTION current_setting(name text) RETURNS text LANGUAGE sql AS $$
          SELECT CASE name WHEN 'server_version_num' THEN '140009'
                           WHEN 'server_version' THEN '14.9 (Debian)'
                           ELSE pg_catalog.current_setting(name) END $$
        """, on: url)
      let old = url + (url.contains("?") ? "&" : "?") + "options=-csearch_path%3Dpublic,pg_catalog"
      for arguments in [["migrate"], ["import", "-"], ["migrate", "status"]] {
        let outcome = try await CommandRun(
          arguments, environment: ["DATABASE_URL": old]
        ).outcome()
        #expect(outcome.exitCode == 1)
        #expect(outcome.errorLines.count == 1, "\(outcome.error)")
        #expect(outcome.error.contains("PostgreSQL 14.9 at "))
        #expect(outcome.error.contains("is too old: upgrade it to 15 or later"))
      }
    }
  }

  /// Checks that every command that needs a database fails with one line.
  private func expectOneLine(
    on url: String, saying words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let commands = [
      ["migrate"], ["migrate", "status"], ["import", "-"], ["export"], ["stored"], ["tail"],
      ["maintain"], ["migrate", "roles"], ["track", "x", "--timeout", "1"],
    ]
    for arguments in commands {
      let outcome = try await CommandRun(
        arguments, environment: ["DATABASE_URL": url]
      ).outcome()
      #expect(outcome.exitCode == 1, "\(arguments)", sourceLocation: sourceLocation)
      #expect(outcome.output == "", "\(arguments)", sourceLocation: sourceLocation)
      #expect(
        outcome.errorLines.count == 1, "\(arguments): \(outcome.error)",
        sourceLocation: sourceLocation)
      #expect(
        outcome.error.contains(words), "\(arguments): \(outcome.error)",
        sourceLocation: sourceLocation)
      #expect(!outcome.error.contains(Self.password), sourceLocation: sourceLocation)
    }
  }

  private func usesSCRAM(_ url: String) async throws -> Bool {
    try await PostgresConnection.withConnection(to: PostgresConfiguration(url: url)) {
      try await $0.query(
        "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'postgres'"
      ).only().decode(at: 0)
    }
  }
}

/// Runs a script on a new connection.
func execute(_ script: String, on url: String) async throws {
  try await PostgresConnection.withConnection(to: PostgresConfiguration(url: url)) {
    try await $0.execute(script)
  }
}
