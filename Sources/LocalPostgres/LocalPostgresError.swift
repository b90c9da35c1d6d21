/// Why a private cluster could not be started, stopped or used.
package struct LocalPostgresError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// No PostgreSQL server is installed, or not the version that made the folder.
    case binariesNotFound
    /// The folder cannot be made, or the server's user cannot reach it.
    case folderUnusable
    /// `initdb`, `pg_ctl` or the server failed.
    case commandFailed
    /// Another process has been starting this cluster for too long.
    case locked
  }

  package let code: Code

  /// One line: what, where, and what to do.
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
