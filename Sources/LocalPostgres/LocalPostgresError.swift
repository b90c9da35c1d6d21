/// The reason why a private cluster could not be started, stopped or used.
package struct LocalPostgresError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// No PostgreSQL server is installed, or not the version that created the cluster.
    case binariesNotFound
    /// The directory cannot be created, or the server's user cannot access it.
    case directoryUnusable
    /// `initdb`, `pg_ctl` or the server failed.
    case commandFailed
    /// Another process has been starting this cluster for too long.
    case locked
  }

  package let code: Code

  /// One line that says what failed, where, and what to do.
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
