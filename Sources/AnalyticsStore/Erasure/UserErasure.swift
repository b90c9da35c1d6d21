public import AnalyticsConnections
internal import AnalyticsPostgres
public import Foundation

/// Erases a person from everything that is stored.
///
/// ```swift
/// let report = try await UserErasure(database).erase(user)
/// ```
///
/// - The person's own events stay and are still counted, but belong to no user. The user id is
///   removed. Of the fields, only numbers, truth values and fields that say nothing about a person
///   remain.
/// - Other events lose the user id wherever it occurs in them. Events without a user also lose the
///   person's e-mail address.
/// - The person's entries in the sets of all rollups, the person's row among the users and dead
///   letters that name the person are deleted.
/// - Figures stay, and agree with the raw events.
///
/// Events that arrive later (from an old spool, or from a file that is imported again) are erased
/// as they are stored if they are dated before the erasure. Those dated up to 24 hours after it are
/// erased too, since a host's clock may be ahead by that much, unless they were certainly tracked
/// after the erasure (``EventBatch/trackedAfter``).
///
/// Erasing a person twice has the same result as once. The login has to own the tables. Ingest
/// waits for some moments.
public struct UserErasure: Sendable {
  private let database: AnalyticsDatabase

  /// Makes an erasure. It connects for each call of ``erase(_:progress:)``. The login has to own
  /// the tables.
  public init(_ database: AnalyticsDatabase) { self.database = database }

  /// Erases a user. It reads all raw events once, since any of them may name the person.
  ///
  /// - Parameter progress: Called while events are read, with the number of partitions that are
  ///   left.
  /// - Throws: ``StoreError``. Even then, events that arrive later are erased, from the first step
  ///   on. All stored data is changed in one transaction or not at all. Recomputing days and
  ///   vacuuming come after that transaction, so if they fail, the error is thrown although the
  ///   data is erased.
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
