@testable import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Connecting")
struct ConnectingTests {
  static let secret = "tops3cret"

  @Test(
    "an unusable URL is reported in one clear line without the password",
    arguments: [
      "postgres://user:\(secret)@host:port/db", "postgres://user:\(secret)%zz@host/db",
      "postgres://user:a/\(secret)@host/db", "postgres://user:a@\(secret)@host/db",
      "host=h password='\(secret)", "nonsense \(secret)", "", "  ", "mysql://u:\(secret)@h/db",
      "postgres://u:\(secret)@h/db?unknown=1",
    ])
  func malformed(url: String) async {
    let error = await postgresError { _ = try PostgresConfiguration(url: url) }
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.isTransient == false)
    #expect(error.map { "\($0)".contains(Self.secret) || "\($0)".contains("\n") } == false)
  }

  @Test(
    "a destination is the same however it is written, and has no password",
    arguments: [
      ("postgres://u:\(secret)@Host/db", "host:5432/db"),
      ("host=host port=5432 user=u password=\(secret) dbname=db", "host:5432/db"),
      ("postgresql://u@b:6000,a:5432/db?target_session_attrs=read-write", "a:5432,b:6000/db"),
      ("postgres://u@/db?host=/var/run/postgresql", "/var/run/postgresql:5432/db"),
      ("postgres://u@h/", "h:5432/u"),
      ("service=main", "service=main"),
    ])
  func destination(url: String, expected: String) throws {
    #expect(try PostgresConfiguration(url: url).destination == expected)
  }

  @Test("a URL's timeouts and application name override the defaults")
  func keywords() throws {
    func keywords(_ configuration: PostgresConfiguration) -> [String: String] {
      Dictionary(uniqueKeysWithValues: configuration.connectionKeywords.map { ($0, $1) })
    }
    let plain = try PostgresConfiguration(url: "postgres://h/db")
    #expect(keywords(plain)["connect_timeout"] == "5")
    #expect(keywords(plain)["tcp_user_timeout"] == "60000")
    #expect(keywords(plain)["fallback_application_name"] == "analytics")
    var own = try PostgresConfiguration(
      url: "postgres://h/db?connect_timeout=9&tcp_user_timeout=1&application_name=x")
    own.parameters["sslmode"] = "disable"
    #expect(keywords(own)["connect_timeout"] == "9")
    #expect(keywords(own)["tcp_user_timeout"] == "1")
    #expect(keywords(own)["application_name"] == "x")
    #expect(keywords(own)["sslmode"] == "disable")
  }

  @Test("a missing database is reported, with what to do")
  func missingDatabase() async throws {
    var configuration = try await PostgresConfiguration(url: SharedTestServer.shared.url())
    configuration.parameters["dbname"] = "no_such_database"
    let error = await failure(configuration)
    #expect(error?.sqlState == .unknownDatabase)
    #expect(error?.isTransient == false)
    #expect(error?.description.contains("create the database") == true)
  }

  @Test("a missing user is reported")
  func missingUser() async throws {
    var configuration = try await PostgresConfiguration(url: SharedTestServer.shared.url())
    configuration.parameters["user"] = "nobody_here"
    #expect(await failure(configuration)?.sqlState == .invalidAuthorization)
  }

  @Test("an unknown host and a closed port are transient errors")
  func unreachable() async throws {
    for url in [
      "postgres://u:\(Self.secret)@no..such.host/db",
      "postgres://u:\(Self.secret)@127.0.0.1:1/db", "postgres:///db?host=/no/such/directory",
    ] {
      let error = await failure(try PostgresConfiguration(url: url))
      #expect(error?.code == .connectionFailed)
      #expect(error?.isTransient == true)
      #expect(error.map { "\($0)".contains(Self.secret) || "\($0)".contains("\n") } == false)
    }
  }

  @Test("the first of several hosts may be unreachable")
  func failover() async throws {
    let server = try await SharedTestServer.shared.url()
    var configuration = try PostgresConfiguration(url: server)
    let own = Dictionary(uniqueKeysWithValues: configuration.connectionKeywords.map { ($0, $1) })
    configuration.parameters["host"] = "/no/such/directory," + (own["host"] ?? "")
    configuration.parameters["target_session_attrs"] = "read-write"
    let connection = try await PostgresConnection.connect(configuration)
    #expect(try await connection.query("SELECT 1").count == 1)
    await connection.close()
  }

  @Test("a closed connection reports that it is closed")
  func closed() async throws {
    try await withConnection { connection in
      await connection.close()
      let error = await postgresError { _ = try await connection.query("SELECT 1") }
      #expect(error?.code == .connectionClosed)
      #expect(await connection.isBroken)
      #expect(await connection.serverVersion == 0)
    }
  }

  /// The error of a connection attempt. Checks that the attempt leaves no thread.
  private func failure(_ configuration: PostgresConfiguration) async -> PostgresError? {
    let error = await postgresError { _ = try await PostgresConnection.connect(configuration) }
    #expect(error.map { "\($0)".contains("\n") } == false)
    return error
  }
}

@Suite("Threads")
struct ThreadTests {
  @Test("the thread of a closed connection ends", .timeLimit(.minutes(60)))
  func closing() async throws {
    try await withConnection { connection in
      let thread = connection.thread
      await connection.close()
      await thread.ended()
    }
  }

  @Test("the thread of an unclosed connection ends with the connection", .timeLimit(.minutes(60)))
  func forgetting() async throws {
    try await withTestDatabase { url in
      let thread = try await threadOfForgottenConnection(url)
      await thread.ended()
    }
  }

  private func threadOfForgottenConnection(_ url: String) async throws -> ConnectionThread {
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
    _ = try await connection.query("SELECT 1")
    return connection.thread
  }

  @Test("a call on a closed connection is answered, and its thread ends again")
  func callAfterEnd() async throws {
    try await withConnection { connection in
      await connection.close()
      await connection.thread.ended()
      #expect(await connection.isBroken)
      await connection.thread.ended()
    }
  }
}
