package import AnalyticsPostgres
public import Foundation

/// Removes a person from everything that is stored.
///
/// ```swift
/// let report = try await UserErasure(url: databaseURL).erase(user)
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
  private let configuration: PostgresConfiguration
  private let schema: String?

  /// - Parameters:
  ///   - url: `postgres://user:password@host:port/database`.
  ///   - schema: Where the tables are. By default the first of `search_path`.
  /// - Throws: ``ErasureError/Code/connection`` if the URL cannot be understood.
  public init(url: String, schema: String? = nil) throws(ErasureError) {
    do {
      self.init(try PostgresConfiguration(url: url), schema: schema)
    } catch {
      throw ErasureError(code: .connection, description: error.description)
    }
  }

  package init(_ configuration: PostgresConfiguration, schema: String? = nil) {
    self.configuration = configuration
    self.schema = schema
  }

  /// Erases a user. Reads all raw events once, since any may name them.
  ///
  /// - Parameter progress: Called while events are read, with how many partitions are left.
  /// - Throws: ``ErasureError``. Events that come later are emptied from the first step on; the rest
  ///   is done altogether or not at all.
  @discardableResult
  public func erase(
    _ user: UUID, progress: (Int) -> Void = { _ in }
  ) async throws(ErasureError) -> ErasureReport {
    do {
      let connection = try await PostgresConnection.connect(configuration)
      do {
        guard let schema = try await SchemaName.resolve(schema, on: connection) else {
          throw ErasureError(
            code: .notMigrated,
            description: "no schema of search_path exists in this database: name it")
        }
        let report = try await ErasureRun(connection: connection, schema: schema, user: user)
          .report(progress: progress)
        await connection.close()
        return report
      } catch {
        await connection.close()
        throw error
      }
    } catch let error as ErasureError {
      throw error
    } catch let error as PostgresError {
      throw ErasureError(error)
    } catch {
      throw ErasureError(code: .failed, description: "the erasure was interrupted: erase again")
    }
  }
}

extension ErasureError {
  fileprivate init(_ error: PostgresError) {
    switch error.sqlState {
    case .unknownTable, .unknownSchema, .unknownFunction, .unknownColumn:
      self.init(
        code: .notMigrated,
        description: "the analytics tables are missing or too old: run `analytics migrate`")
    case .lockNotAvailable, .deadlockDetected:
      self.init(
        code: .busy,
        description: "somebody keeps the events locked: end that transaction and erase again")
    case nil:
      self.init(code: .connection, description: "nobody can be erased: \(error)")
    default:
      self.init(code: .failed, description: "the erasure failed: \(error)")
    }
  }
}
