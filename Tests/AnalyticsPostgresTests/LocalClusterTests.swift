import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@testable import LocalPostgres

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("A private cluster", .timeLimit(.minutes(60)))
struct LocalClusterTests {
  @Test("a cluster keeps its data when stopped and started, and is reused when it runs")
  func persistence() async throws {
    try await withDirectory { directory in
      let first = try await LocalPostgres.start(in: directory)
      #expect(!first.wasRunning)
      try await first.createDatabase(name: "kept data")
      try await first.createDatabase(name: "kept data")
      try await execute("CREATE TABLE t (n int8)", first.url(database: "kept data"))
      let again = try await LocalPostgres.start(in: directory)
      #expect(again.wasRunning)
      #expect(again.url(database: "x") == first.url(database: "x"))
      try await first.stop()
      let second = try await LocalPostgres.start(in: directory, settings: ["work_mem": "7MB"])
      #expect(!second.wasRunning)
      try await execute("SELECT n FROM t", second.url(database: "kept data"))
      let settings = try await settings(["work_mem", "fsync", "listen_addresses"], second)
      #expect(settings == ["work_mem": "7MB", "fsync": "on", "listen_addresses": ""])
      try await second.stop(.immediate)
    }
  }

  @Test("concurrent starts of one cluster get the same server")
  func simultaneousStarts() async throws {
    try await withDirectory { directory in
      let clusters = try await withThrowingTaskGroup(of: LocalPostgres.self) { group in
        for _ in 0..<3 { group.addTask { try await LocalPostgres.start(in: directory) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(clusters.filter { !$0.wasRunning }.count == 1)
      try await clusters[0].stop(.immediate)
    }
  }

  @Test("a directory too deep for a socket path works")
  func deepDirectory() async throws {
    try await withDirectory { directory in
      let deep =
        directory + "/"
        + Array(repeating: "a-rather-long-directory", count: 6).joined(
          separator: "/")
      let cluster = try await LocalPostgres.start(in: deep)
      #expect(cluster.cluster.socket.hasPrefix("/tmp/analytics-postgres-"))
      try await execute("SELECT 1", cluster.url(database: "postgres"))
      try await cluster.stop(.immediate)
      try FileManager.default.removeItem(atPath: cluster.cluster.socket)
    }
  }

  @Test("TCP connections need a password, and a wrong password is reported in one clear line")
  func tcp() async throws {
    let cluster = try await LocalPostgres.startTemporary(listensOnTCP: true)
    let url = try #require(cluster.tcpURL(database: "postgres"))
    try await execute("SELECT 1", url)
    var configuration = try PostgresConfiguration(url: url)
    configuration.parameters["password"] = "tops3cret"
    let error = await postgresError { _ = try await PostgresConnection.connect(configuration) }
    #expect(error?.sqlState == .invalidPassword)
    #expect(error?.isTransient == false)
    #expect(error.map { "\($0)".contains("tops3cret") || "\($0)".contains("\n") } == false)
    let quiet = try await LocalPostgres.start(in: cluster.directory)
    #expect(quiet.tcpURL(database: "x") == cluster.tcpURL(database: "x"))
    try await cluster.stop(.immediate)
  }

  @Test("a temporary cluster is removed when stopped, and durable only on request")
  func temporary() async throws {
    let cluster = try await LocalPostgres.startTemporary(isDurable: true)
    let settings = try await settings(["fsync"], cluster)
    #expect(settings == ["fsync": "on"])
    try await cluster.stop()
    #expect(!FileManager.default.fileExists(atPath: cluster.directory))
  }

  @Test("a temporary cluster ends when its owner is killed")
  func ownerKilled() async throws {
    let cluster = try await LocalPostgres.startTemporary()
    let watchdog = try #require(cluster.watchdog)
    let server = try #require(cluster.cluster.serverProcessID)
    // Another process gets the lifeline, so that this process's death ends the cluster.
    let lifeline = watchdog.lifeline.withLock { $0 }
    let owner = try ChildProcess("/bin/sleep", ["600"], input: .descriptor(lifeline))
    watchdog.closeLifeline()
    #expect(kill(server, 0) == 0)
    try await execute("SELECT 1", cluster.url(database: "postgres"))
    owner.signal(SIGKILL)
    await watchdog.release()
    #expect(kill(server, 0) != 0)
    #expect(!FileManager.default.fileExists(atPath: cluster.directory))
  }

  @Test("if no server is installed, the error names the package to install")
  func noBinaries() async throws {
    do {
      _ = try await ServerBinaries.find(environment: ["ANALYTICS_PG_BINDIR": "/no/such"])
      Issue.record("something was found")
    } catch {
      #expect(error.code == .binariesNotFound)
      #expect(error.description.contains("apt-get install postgresql"))
      #expect(error.description.contains("brew install"))
      #expect(!error.description.contains("\n"))
    }
    let newest = try await ServerBinaries.find()
    #expect(FileManager.default.fileExists(atPath: newest.path(of: "initdb")))
  }

  @Test("a setting that the server refuses is reported in one clear line")
  func badSetting() async throws {
    try await withDirectory { directory in
      do {
        _ = try await LocalPostgres.start(in: directory, settings: ["no_such_setting": "1"])
        Issue.record("the server accepted it")
      } catch {
        let text = "\(error)"
        #expect(text.contains("pg_ctl failed"))
        #expect(!text.contains("\n"))
      }
    }
  }

  @Test("a URL's database is replaced in all its forms")
  func replacing() {
    #expect(
      TestDatabase.replaceDatabase(in: "postgres://u@h/a?x=y", by: "b") == "postgres://u@h/b?x=y")
    #expect(TestDatabase.replaceDatabase(in: "postgres://h", by: "b") == "postgres://h/b")
    #expect(
      TestDatabase.replaceDatabase(in: "host=h dbname=a", by: "b") == "host=h dbname=a dbname=b")
  }

  private func withDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = "/tmp/analytics-test-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
  }

  private func execute(_ sql: String, _ url: String) async throws {
    let connection = try await PostgresConnection.connect(PostgresConfiguration(url: url))
    try await connection.execute(sql)
    await connection.close()
  }

  private func settings(_ names: [String], _ cluster: LocalPostgres) async throws -> [String:
    String]
  {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(url: cluster.url(database: "postgres")))
    let rows = try await connection.query(
      "SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY ($1)",
      [.textArray(names)])
    let pairs = try rows.map {
      try ($0.decode(String.self, "name"), $0.decode(String.self, "value"))
    }
    await connection.close()
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
