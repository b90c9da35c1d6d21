import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsPrometheus
import AnalyticsReports
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import Testing

@testable import AnalyticsServer

/// A migrated database for one test, and servers that use it.
struct ServerFixture: Sendable {
  let url: String
  /// A direct connection to the database, which does not pass through the server.
  let connection: PostgresConnection
  let clock = TestClock()

  /// - Parameter rollups: The application's own rollups.
  static func with<Result>(
    rollups: [Rollup] = [], _ body: (ServerFixture) async throws -> Result
  ) async throws -> Result {
    try await withTestDatabase { try await with(url: $0, rollups: rollups, body) }
  }

  /// Uses a database on a PostgreSQL server of the test's own.
  static func with<Result>(
    url: String, rollups: [Rollup] = [], _ body: (ServerFixture) async throws -> Result
  ) async throws -> Result {
    let configuration = try PostgresConfiguration(url: url)
    try await Migrator(
      AnalyticsDatabase(configuration), rollups: rollups, logger: silentLogger
    ).apply()
    let fixture = ServerFixture(
      url: url, connection: try await PostgresConnection.connect(configuration))
    // If the test throws, dropping the database ends the connection.
    let result = try await body(fixture)
    await fixture.connection.close()
    return result
  }

  func migrate(rollups: [Rollup]) async throws {
    try await Migrator(
      AnalyticsDatabase(url: url), rollups: rollups, lockTimeout: .seconds(300),
      logger: silentLogger
    ).apply()
  }

  func store(_ events: [EnrichedEvent]) async throws {
    let sink = try PostgresEventSink(url: url)
    _ = try await sink.write(
      .encoding(events, ids: events.map { _ in UUID() }, service: "test"))
  }

  /// Makes an access key, as `analytics keys create` does.
  func key(_ role: Role, name: String = "test") async throws -> AccessKey {
    let key = AccessKey.random()
    let keys = try await AccessKeys(AnalyticsDatabase(connection.configuration), on: connection)
    _ = try await keys.create(name: name, role: role.rawValue, hash: key.hash, prefix: key.prefix)
    return key
  }

  /// The timeouts are so long that a busy machine does not exceed them.
  private var configuration: ReportServerConfiguration {
    var configuration = ReportServerConfiguration()
    configuration.limits.requestsPerSecond = 0
    configuration.limits.reportTimeout = .seconds(1800)
    configuration.limits.exploreTimeout = .seconds(1800)
    configuration.limits.lookupTimeout = .seconds(1800)
    return configuration
  }

  /// Runs a server while `body` runs.
  ///
  /// - Parameter setup: Whether the server runs in memory or on a port.
  func serve<Value>(
    _ setup: TestingSetup = .router,
    _ configure: (inout ReportServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (ServerClient) async throws -> Value
  ) async throws -> Value {
    var configuration = configuration
    configure(&configuration)
    return try await withServer(configuration, setup, on: url, clock: clock, body)
  }
}

extension ServerFixture {
  /// Runs a server while `body` runs. Its gauges for Prometheus are refreshed first.
  func serveWithGauges<Value>(
    _ body: @escaping @Sendable (ServerClient) async throws -> Value
  ) async throws -> Value {
    let server = ReportServer(
      try AnalyticsDatabase(url: url), configuration, logger: silentLogger,
      clock: clock.serverClock)
    await server.core.metrics.gauges.refresh()
    let value = try await server.application().test(.router) {
      try await body(ServerClient(client: $0))
    }
    return value
  }

  /// Runs a server with all its background tasks, as a service does, while `body` runs.
  ///
  /// - Parameter body: Receives the server's port.
  func serveAsService(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    var configuration = configuration
    configuration.port = 0
    let (urls, listening) = AsyncStream<String>.makeStream()
    let server = ReportServer(
      try AnalyticsDatabase(url: url), configuration, logger: silentLogger,
      clock: clock.serverClock
    ) { listening.yield($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await server.run()
      }
      for await url in urls {
        try await body(try #require(URL(string: url)?.port))
        group.cancelAll()
        while (try? await group.next()) != nil {}
        return
      }
      try await group.waitForAll()
      Issue.record("the server ended before it listened")
    }
  }
}

/// The URL of a database that does not exist.
let nowhere = "postgres://127.0.0.1:1/none"

/// Runs a server while `body` runs.
func withServer<Value>(
  _ configuration: ReportServerConfiguration, _ setup: TestingSetup = .router,
  on url: String = nowhere, clock: TestClock = TestClock(),
  _ body: @escaping @Sendable (ServerClient) async throws -> Value
) async throws -> Value {
  let server = ReportServer(
    try AnalyticsDatabase(url: url), configuration, logger: silentLogger, clock: clock.serverClock)
  do {
    let value = try await server.application().test(setup) { client in
      try await body(ServerClient(client: client))
    }
    return value
  } catch {
    throw error
  }
}

/// A clock that advances only when a test says so, from a fixed start.
final class TestClock: Sendable {
  static let now = Date(timeIntervalSince1970: 1_780_000_000)

  private let passed = Mutex(Duration.zero)
  private let start = ContinuousClock.now

  func advance(by duration: Duration) { passed.withLock { $0 += duration } }

  var serverClock: ServerClock {
    ServerClock(
      now: { Self.now.addingTimeInterval(self.passed.withLock { $0 } / .seconds(1)) },
      instant: { self.start.advanced(by: self.passed.withLock { $0 }) })
  }
}

/// Sends requests to a server, and reads its answers.
struct ServerClient: Sendable {
  let client: any TestClientProtocol

  func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> TestResponse {
    try await client.executeRequest(uri: path, method: .get, headers: headers, body: nil)
  }

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ headers: HTTPFields = [:], body: String? = nil
  ) async throws -> TestResponse {
    try await client.executeRequest(
      uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
  }
}

extension TestResponse {
  var text: String { String(buffer: body) }
  var data: Data { Data(body.readableBytesView) }
  var json: Any? {
    try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
  }
  var object: [String: Any] { json as? [String: Any] ?? [:] }
  var rows: [[String: Any]] { json as? [[String: Any]] ?? [] }
  /// The parameter that a problem document names.
  var parameter: String? { object["parameter"] as? String }
  /// The target of the `Link` header.
  var nextPage: String? {
    headers[.link]?.firstMatch(of: #/<(.*)>; rel="next"/#).map { String($0.1) }
  }
}

extension HTTPFields {
  /// The attributes of the cookie that a response sets. They come in a random order.
  var cookieAttributes: Set<String> {
    Set((self[.setCookie] ?? "").components(separatedBy: "; ").dropFirst())
  }

  static func bearer(_ key: AccessKey) -> HTTPFields { [.authorization: "Bearer \(key.text)"] }
}

extension EnrichedEvent {
  /// An event this many seconds before the test's now.
  static func ago(
    _ seconds: Double, _ event: AnalyticsEvent, environment: String? = nil
  ) -> EnrichedEvent {
    let instant = TestClock.now.timeIntervalSince1970 - seconds
    return EnrichedEvent(
      timestamp: EventTimestamp(microsecondsSinceUnixEpoch: Int64(instant * 1_000_000)),
      event: event, environment: environment)
  }
}
