/// Replication between private clusters, for tests.
extension LocalPostgres {
  /// Starts a temporary hot standby that streams from this server. The server must not listen on
  /// TCP.
  ///
  /// - Parameter settings: Settings of PostgreSQL, which override the defaults here.
  package func startStandby(
    settings: [String: String] = [:]
  ) async throws(LocalPostgresError) -> LocalPostgres {
    let account = try ServerAccount.current()
    let all = ServerSettings.withoutDurability.merging(settings) { $1 }
    return try await Self.temporary { directory, watchdog throws(LocalPostgresError) in
      try account.makePrivateDirectory(directory.path)
      try await ServerCommands(binaries: commands.binaries, account: account, directory: directory)
        .copyServer(socket: socketDirectory)
      return try await Self.start(
        directory, settings: all, listensOnTCP: false, watchdog: watchdog)
    }
  }

  /// Promotes a standby to the primary; returns once it accepts writes.
  package func promote() async throws(LocalPostgresError) {
    try await commands.promote()
  }
}
