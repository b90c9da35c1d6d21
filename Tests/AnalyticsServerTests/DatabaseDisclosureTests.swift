import AnalyticsConnections
import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Details of the database", .timeLimit(.minutes(60)))
struct DatabaseDisclosureTests {
  private static func configuration() -> ReportServerConfiguration {
    var configuration = ReportServerConfiguration()
    configuration.limits.requestsPerSecond = 0
    configuration.collectsTelemetry = true
    return configuration
  }

  /// Words that reveal details of the database.
  private static let secrets = [
    "hidden_", "127.0.0.9", "Connection refused", "port 1 ", "SQLSTATE",
  ]

  private func withServer(
    _ configuration: ReportServerConfiguration, _ log: RecordedLog, _ clock: TestClock,
    _ body: @escaping @Sendable (ServerClient, ServerCore) async throws -> Void
  ) async throws {
    let database = try AnalyticsDatabase(
      url: "postgres://hidden_user:hidden_password@127.0.0.9:1/hidden_database")
    let server = ReportServer(
      database, configuration, logger: log.logger, clock: clock.serverClock)
    try await server.application().test(.router) {
      try await body(ServerClient(client: $0), server.core)
    }
  }

  @Test(
    "are in no answer while the database is down",
    arguments: [ReportServerConfiguration.Access.keys, .anonymous])
  func answers(access: ReportServerConfiguration.Access) async throws {
    var configuration = Self.configuration()
    configuration.access = access
    try await withServer(configuration, RecordedLog(), TestClock()) { client, core in
      let key = AccessKey.random()
      let record = KeyRecord(id: UUID(), name: "none", role: .read, hash: key.hash)
      let session = Session(record, from: TestClock.now).text
      let headers: [HTTPFields] = [
        [:], .bearer(key), [.cookie: "analytics_session=\(session)"],
      ]
      let paths = ServerRoutes.all(core).filter { $0.method == .get }.map(\.path)
      var away = 0
      // A live stream without access control would not end, so it is left out.
      for path in paths where !path.hasSuffix("/live/events") || access == .keys {
        for headers in headers {
          let answer = try await client.get(path, headers)
          away += answer.status == .serviceUnavailable ? 1 : 0
          for secret in Self.secrets { #expect(!answer.text.contains(secret), "\(path)") }
        }
      }
      #expect(away > paths.count)
      let signIn = try await client.send(.post, "/sign-in", body: "key=\(key.text)")
      #expect(signIn.status == .serviceUnavailable)
      #expect(try Markup(signIn.text).alerts == ["the database does not answer"])
      let telemetry = try await CollectorTests.anyDocument(to: client)
      #expect(telemetry.status == .serviceUnavailable)
      #expect(telemetry.object["detail"] as? String == "the database does not answer")
    }
  }

  @Test("are logged once a minute, without the password")
  func log() async throws {
    let (log, clock) = (RecordedLog(), TestClock())
    try await withServer(Self.configuration(), log, clock) { client, _ in
      for minute in 1...2 {
        for _ in 0..<5 {
          for path in ["/ready", "/overview", "/dashboard/users"] {
            _ = try await client.get(path, .bearer(AccessKey.random()))
            _ = try await client.get(path)
          }
        }
        let lines = log.lines.filter { $0.contains("the database does not answer") }
        #expect(lines.count == minute, "\(log.lines)")
        #expect(lines.allSatisfy { $0.contains("127.0.0.9") && !$0.contains("hidden_password") })
        clock.advance(by: FailureLog.pause)
      }
    }
  }

  @Test("are in no answer: failures whose text may have them are answered with a fixed text")
  func kinds() {
    // The texts of these failures may name the database, so only the log has them.
    let texts: [(ReportError.Code, String?)] = [
      (.invalidParameter, nil), (.timeout, nil),
      (.connection, "the database does not answer"),
      (.notMigrated, "the analytics tables are missing or too old: run `analytics migrate`"),
      (.notGranted, "the database user lacks a right: run `analytics migrate roles`"),
      (.failed, "the report failed"),
    ]
    for (code, text) in texts {
      let problem = Problem(ReportError(code, "the words"))
      #expect(problem.detail == text ?? "the words", "\(code)")
      #expect(problem.cause == (text == nil ? nil : "the words"), "\(code)")
    }
  }
}
