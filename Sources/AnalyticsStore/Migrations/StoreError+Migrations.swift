public import AnalyticsConnections
internal import AnalyticsPostgres

extension StoreError.Code {
  /// `post` was asked for while pre-deploy migrations wait. Nothing was applied.
  public static let outOfOrder = Self("outOfOrder")
  /// What was applied differs from what is known here. Nothing was applied.
  public static let edited = Self("edited")
  /// Migrations wait here, but a newer version has been at work. Nothing was applied.
  public static let unknown = Self("unknown")
  /// Another process held the lock for the whole time that was given. Nothing was applied.
  public static let locked = Self("locked")
  /// The database's encoding is not UTF-8. Nothing was applied.
  public static let encoding = Self("encoding")
  /// The server is older than PostgreSQL 15.
  public static let tooOld = Self("tooOld")
  /// The engine that was asked for cannot be had, or not any more.
  public static let engine = Self("engine")
  /// The definition of a rollup cannot be used, or has changed without a new version. The
  /// migrations are applied, and nothing of the rollups.
  public static let rollup = Self("rollup")
}

extension StoreError {
  static func outOfOrder(_ waiting: [String]) -> Self {
    Self(
      .outOfOrder,
      "post-deploy migrations come after pre-deploy ones, and \(list(waiting)) "
        + "not applied yet: run `analytics migrate pre` first, or `all`; nothing was applied")
  }

  static func edited(_ titles: [String]) -> Self {
    Self(
      .edited,
      "\(list(titles)) not what was applied to this database: its SQL was edited "
        + "since; restore it and put the change into a new migration; nothing was applied")
  }

  static func unknown(_ titles: [String]) -> Self {
    Self(
      .unknown,
      "\(list(titles)) unknown here: a newer version has migrated this database; "
        + "use that version; nothing was applied")
  }

  static func encoding(_ encoding: String) -> Self {
    Self(
      .encoding,
      "this database's encoding is \(encoding), and events hold any text: create one "
        + "with ENCODING 'UTF8'; nothing was applied")
  }

  static func tooOld(_ version: String, _ destination: String) -> Self {
    Self(.tooOld, "PostgreSQL \(version) at \(destination) is too old: upgrade it to 15 or later")
  }

  static func locked(_ error: PostgresError) -> Self {
    Self(
      .locked,
      "another process is migrating \(error.destination ?? "this database") and has not "
        + "finished in time: try again; nothing was applied", cause: error)
  }

  static func failed(_ migration: Migration, _ error: PostgresError) -> Self {
    Self(.failed, "migration \(migration.title) failed: \(error)", cause: error)
  }

  /// On an empty database all wait: a line has the first of many.
  private static func list(_ titles: [String]) -> String {
    guard titles.count > 3 else {
      return titles.joined(separator: ", ") + (titles.count == 1 ? " is" : " are")
    }
    return "\(titles[0]) and \(titles.count - 1) more are"
  }
}
