internal import AnalyticsPostgres

/// Why migrations were not applied.
public struct MigrationError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable {
    /// The database cannot be reached, or its URL cannot be used.
    case connection
    /// `post` was asked for while pre-deploy migrations wait. Nothing was applied.
    case outOfOrder
    /// What was applied differs from what is known here. Nothing was applied.
    case edited
    /// Migrations wait here, but a newer version has been at work. Nothing was applied.
    case unknown
    /// Another process held the lock for the whole time that was given. Nothing was applied.
    case locked
    /// `search_path` names no schema that exists, and none was given.
    case noSchema
    /// The database's encoding is not UTF-8. Nothing was applied.
    case encoding
    /// The server is older than PostgreSQL 15.
    case tooOld
    /// The engine that was asked for cannot be had, or not any more.
    case engine
    /// The definition of a rollup cannot be used, or has changed without a new version. The
    /// migrations are applied, and nothing of the rollups.
    case rollup
    /// The server refused one. Those before it are applied and recorded; it is not recorded, and,
    /// if transactional, left no trace.
    case failed
  }

  /// What kind of failure it was.
  public let code: Code
  /// One line: what, where, what to do.
  public let description: String
}

extension MigrationError {
  static func outOfOrder(_ waiting: [String]) -> Self {
    Self(
      code: .outOfOrder,
      description: "post-deploy migrations come after pre-deploy ones, and \(list(waiting)) "
        + "not applied yet: run `analytics-migrate pre` first, or `all`; nothing was applied")
  }

  static func edited(_ titles: [String]) -> Self {
    Self(
      code: .edited,
      description: "\(list(titles)) not what was applied to this database: its SQL was edited "
        + "since; restore it and put the change into a new migration; nothing was applied")
  }

  static func unknown(_ titles: [String]) -> Self {
    Self(
      code: .unknown,
      description: "\(list(titles)) unknown here: a newer version has migrated this database; "
        + "use that version; nothing was applied")
  }

  static let noSchema = Self(
    code: .noSchema,
    description: "no schema of search_path exists in this database: create one or name it")

  static func encoding(_ encoding: String) -> Self {
    Self(
      code: .encoding,
      description: "this database's encoding is \(encoding), and events hold any text: create one "
        + "with ENCODING 'UTF8'; nothing was applied")
  }

  static func tooOld(_ version: String, _ destination: String) -> Self {
    Self(
      code: .tooOld,
      description: "PostgreSQL \(version) at \(destination) is too old: upgrade it to 15 or later")
  }

  static func connection(_ error: PostgresError) -> Self {
    let description =
      switch error.code {
      case .lockUnavailable:
        "another process is migrating \(error.destination ?? "this database") and has not "
          + "finished in time: try again; nothing was applied"
      // Others than those who migrate ask where migrations stand.
      case .connectionFailed, .invalidConfiguration: error.description
      default: "cannot migrate: \(error)"
      }
    return Self(
      code: error.code == .lockUnavailable ? .locked : .connection, description: description)
  }

  static func failed(_ migration: Migration, _ error: PostgresError) -> Self {
    Self(code: .failed, description: "migration \(migration.title) failed: \(error)")
  }

  private static func list(_ titles: [String]) -> String {
    titles.joined(separator: ", ") + (titles.count == 1 ? " is" : " are")
  }
}
