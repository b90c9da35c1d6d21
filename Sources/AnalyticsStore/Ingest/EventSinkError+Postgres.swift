internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres

extension EventSinkError {
  /// What a worker should do about it. Only what PostgreSQL says of the data condemns a row.
  init(storing error: any Error, outcomeUnknown: Bool = false) {
    switch error {
    case let error as EventSinkError: self = error
    case let error as PostgresError:
      let isRefused = error.isDataError && !error.isMissingPartition
      let stored = StoreError(error, doing: "storing")
      // This text is stored beside a refused event, so it is what the server says and no more.
      self.init(
        isRefused ? .refused : .retry, outcomeUnknown: outcomeUnknown,
        stored.code == .notMigrated ? stored.description : error.description)
    default:
      self.init(
        .retry, outcomeUnknown: outcomeUnknown, StoreError(error, doing: "storing").description)
    }
  }
}

extension PostgresError {
  /// Whether a row has no partition. A CHECK constraint has the same SQLSTATE, and a name.
  var isMissingPartition: Bool {
    sqlState == SQLState(rawValue: "23514") && constraint == nil
  }
}
