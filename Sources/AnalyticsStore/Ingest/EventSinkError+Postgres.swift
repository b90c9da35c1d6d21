internal import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres

extension EventSinkError {
  /// Classifies a failure for the worker. Only an error that PostgreSQL reports about the data
  /// itself makes a row refused; everything else is retried.
  init(storing error: any Error, outcomeUnknown: Bool = false) {
    switch error {
    case let error as EventSinkError: self = error
    case let error as PostgresError:
      let isRefused = error.isDataError && !error.isMissingPartition
      let stored = StoreError(error, doing: "storing")
      // The text may be stored beside a refused event, so it must not hold more than the server's
      // message.
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
  /// Whether the error says that there is no partition for a row. A violated CHECK constraint has
  /// the same SQLSTATE, but also a constraint name.
  var isMissingPartition: Bool {
    sqlState == SQLState(rawValue: "23514") && constraint == nil
  }
}
