import AnalyticsTestSupport
import LocalPostgres

/// Runs a test with a migrated server of its own, which the test may restart.
///
/// - Parameters:
///   - directory: The directory for the server's data.
///   - settings: Settings of PostgreSQL. By default commits wait for the log, as on a server in production.
func withServer(
  in directory: String = "/tmp", settings: [String: String] = [:],
  _ body: (LocalPostgres, _ url: String) async throws -> Void
) async throws {
  let server = try await LocalPostgres.startTemporary(
    in: directory,
    settings: SharedTestServer.settings
      .merging(settings) { _, own in own }
      .merging(["synchronous_commit": "on"]) { own, _ in own })
  do {
    let url = server.url(database: "postgres")
    try await migrate(url)
    try await body(server, url)
  } catch {
    try? await server.stop(.immediate)
    throw error
  }
  try await server.stop(.immediate)
}

/// Runs a test with a server of its own, behind a proxy that can cut connections.
func withProxy(
  _ body: (CuttingProxy, _ server: LocalPostgres, _ directory: String) async throws -> Void
) async throws {
  try await withServer { server, url in
    try await withTemporaryDirectory { directory in
      let proxy = try CuttingProxy(in: directory, to: url)
      defer { proxy.stop() }
      try await body(proxy, server, directory)
    }
  }
}
