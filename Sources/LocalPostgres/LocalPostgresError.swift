/// The reason why a private cluster could not be started, stopped or used.
package struct LocalPostgresError: Error, Sendable, CustomStringConvertible {
  package struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as it is written in Swift.
    package let description: String

    /// No PostgreSQL server is installed, or not the version that created the cluster.
    package static let binariesNotFound = Code(description: "binariesNotFound")
    /// The directory cannot be created, or the server's user cannot access it.
    package static let directoryUnusable = Code(description: "directoryUnusable")
    /// `initdb`, `pg_ctl` or the server failed.
    package static let commandFailed = Code(description: "commandFailed")
    /// Another process has been starting this cluster for too long.
    package static let locked = Code(description: "locked")
  }

  package let code: Code

  /// One line that says what failed, where, and what to do.
  package let description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
