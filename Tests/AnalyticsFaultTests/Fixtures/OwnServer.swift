import AnalyticsTestSupport
import LocalPostgres

/// Runs a test with a server of its own, migrated, which it may restart.
///
/// - Parameters:
///   - folder: Where it keeps its data.
///   - settings: PostgreSQL's own. Commits wait for the log, as on a server in production.
func withServer(
  in folder: String = "/tmp", settings: [String: String] = [:],
  _ body: (LocalPostgres, _ url: String) async throws -> Void
) async throws {
  let server = try await LocalPostgres.startTemporary(
    in: folder,
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

/// Runs a test with a server of its own and a proxy before it that can cut connections.
func withProxy(
  _ body: (CuttingProxy, _ server: LocalPostgres, _ folder: String) async throws -> Void
) async throws {
  try await withServer { server, url in
    try await withTemporaryFolder { folder in
      let proxy = try CuttingProxy(in: folder, to: url)
      defer { proxy.stop() }
      try await body(proxy, server, folder)
    }
  }
}
