public import AnalyticsConnections
internal import AnalyticsPostgres
public import Foundation

/// Removes a person from everything that is stored.
///
/// ```swift
/// let report = try await UserErasure(database).erase(user)
/// ```
///
/// Their events stay and are counted, but are nobody's: the user id is emptied, and of the fields
/// only numbers, truth values and those that say nothing about a person remain. Other events lose the
/// id, and those of nobody the person's e-mail address, wherever in them it is. Member rows of all
/// rollups, the user's row and dead letters go; figures stay, and equal what raw events say. Of what
/// comes later (an old spool, a file imported again) events dated before the erasure are emptied as
/// they are stored; for 24 hours, by which a host's clock may be ahead, also those dated afterwards,
/// unless they were certainly tracked afterwards (``EventBatch/trackedAfter``).
///
/// Twice does what once does. The role has to own the tables. Ingest waits for some moments.
public struct UserErasure: Sendable {
  private let database: AnalyticsDatabase

  /// Connects for each erasure. The login has to own the tables.
  public init(_ database: AnalyticsDatabase) { self.database = database }

  /// Erases a user. Reads all raw events once, since any may name them.
  ///
  /// - Parameter progress: Called while events are read, with how many partitions are left.
  /// - Throws: ``StoreError``. Events that come later are emptied from the first step on; the rest
  ///   is done altogether or not at all.
  @discardableResult
  public func erase(
    _ user: UUID, progress: (Int) -> Void = { _ in }
  ) async throws(StoreError) -> ErasureReport {
    do {
      return try await database.withSession { connection in
        let schema = try await database.schema(on: connection)
        return try await ErasureRun(connection: connection, schema: schema, user: user)
          .report(progress: progress)
      }
    } catch {
      let error = StoreError(error, doing: "the erasure")
      guard error.code == .busy else { throw error }
      throw StoreError(
        .busy, "another transaction keeps the events locked: end it and erase again",
        cause: error.cause)
    }
  }
}
