public import AnalyticsConnections
internal import AnalyticsPostgres

extension StoreError.Code {
  /// Pre-deploy migrations, rollups or tables that the operation needs are missing. Nothing was
  /// changed.
  public static let outOfOrder = Self("outOfOrder")
  /// An applied migration differs from the one that this version knows. Nothing was applied.
  public static let edited = Self("edited")
  /// Migrations are pending, but a newer version has migrated the database. Nothing was applied.
  public static let unknown = Self("unknown")
  /// Another process held the migration lock for the whole lock timeout. If that happens at the end
  /// of `post` or `all`, when tables of previous rollup versions are to be dropped, the migrations
  /// have been applied. Otherwise nothing was.
  public static let locked = Self("locked")
  /// The database's encoding is not UTF-8. Nothing was applied.
  public static let encoding = Self("encoding")
  /// The server is older than PostgreSQL 15.
  public static let tooOld = Self("tooOld")
  /// The requested engine is not available, or the events cannot be moved to it any more.
  public static let engine = Self("engine")
  /// The definition of a rollup is invalid, or has changed without a new version. The migrations
  /// have been applied, but no rollup was created or changed.
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
      "this database's encoding is \(encoding), but events may contain any text: create a database "
        + "with ENCODING 'UTF8'; nothing was applied")
  }

  static func tooOld(_ version: String, _ destination: String) -> Self {
    Self(.tooOld, "PostgreSQL \(version) at \(destination) is too old: upgrade it to 15 or later")
  }

  static func locked(_ error: PostgresError) -> Self {
    Self(
      .locked,
      "another process is migrating \(error.destination ?? "this database") and has not "
        + "finished in time: run the migration again", cause: error)
  }

  static func failed(_ migration: Migration, _ error: PostgresError) -> Self {
    Self(.failed, "migration \(migration.title) failed: \(error)", cause: error)
  }

  /// Lists a few titles. If there are many, as on an empty database, it gives the first one and the
  /// number of others, so that the message stays one line.
  private static func list(_ titles: [String]) -> String {
    guard titles.count > 3 else {
      return titles.joined(separator: ", ") + (titles.count == 1 ? " is" : " are")
    }
    return "\(titles[0]) and \(titles.count - 1) more are"
  }
}
