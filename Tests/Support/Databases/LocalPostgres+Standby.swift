package import LocalPostgres

/// Replication between private clusters.
extension LocalPostgres {
  /// Starts a temporary hot standby that streams from this server. The server must not listen on
  /// TCP.
  ///
  /// - Parameter settings: Settings of PostgreSQL, which override the defaults here.
  package func startStandby(
    settings: [String: String] = [:]
  ) async throws(LocalPostgresError) -> LocalPostgres {
    let copying = [
      "-h", socketDirectory, "-U", Self.superuser, "-c", "fast", "-R", "-N",
    ]
    return try await Self.startTemporary(
      settings: settings,
      creatingBy: { new throws(LocalPostgresError) in
        try await new.succeed("pg_basebackup", ["-D", new.dataDirectory] + copying)
      })
  }

  /// Promotes a standby to the primary; returns once it accepts writes.
  package func promote() async throws(LocalPostgresError) {
    try await commands.succeed(
      "pg_ctl",
      ["promote", "-D", commands.dataDirectory, "-w", "-t", ServerCommands.timeout, "-s"])
  }
}
