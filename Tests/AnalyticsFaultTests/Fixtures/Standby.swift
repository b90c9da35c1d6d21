import AnalyticsPostgres
import AnalyticsTestSupport
import LocalPostgres

/// Runs a test with a migrated server that confirms a COMMIT only once its standby has it.
func withStandby(
  _ body: (_ primary: LocalPostgres, _ standby: LocalPostgres) async throws -> Void
) async throws {
  try await withServer { primary, url in
    let standby = try await primary.startStandby(settings: SharedTestServer.settings)
    try await withConnection(url) { connection in
      // Set only now: the standby copies the settings, and would wait for a standby of its own.
      try await connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
      _ = try await connection.query("SELECT pg_reload_conf()")
      let isSynchronous = "SELECT FROM pg_stat_replication WHERE sync_state = 'sync'"
      while try await connection.query(isSynchronous).isEmpty { await Task.yield() }
    }
    do {
      try await body(primary, standby)
    } catch {
      try? await standby.stop(.immediate)
      throw error
    }
    try await standby.stop(.immediate)
  }
}

/// The URL of two servers. It connects to the one that accepts writes.
func failoverURL(_ first: LocalPostgres, _ second: LocalPostgres) -> String {
  "postgres://postgres@/postgres?host=\(first.socketDirectory),\(second.socketDirectory)"
    + "&target_session_attrs=read-write"
}

/// Changes settings of a server, and reloads its configuration.
func alter(_ url: String, _ settings: [String: String]) async throws {
  try await withConnection(url) { connection in
    for (name, value) in settings {
      try await connection.execute("ALTER SYSTEM SET \(name) = '\(value)'")
    }
    _ = try await connection.query("SELECT pg_reload_conf()")
  }
}
