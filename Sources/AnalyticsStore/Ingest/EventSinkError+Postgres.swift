internal import Analytics
internal import AnalyticsPostgres

extension EventSinkError {
  /// What a worker should do about it. Only what PostgreSQL says of the data condemns a row.
  init(_ error: PostgresError, outcomeUnknown: Bool = false) {
    let kind: Kind = error.isDataError && !error.isMissingPartition ? .refused : .retry
    self.init(kind, outcomeUnknown: outcomeUnknown, Self.line(error))
  }

  private static func line(_ error: PostgresError) -> String {
    switch error.sqlState {
    case .unknownTable, .unknownSchema, .unknownFunction, .unknownColumn:
      let place = error.destination.map { " at \($0)" } ?? ""
      return "the analytics tables are missing or too old\(place): run `analytics-migrate all`"
    default:
      return error.description
    }
  }
}

extension PostgresError {
  /// Whether a row has no partition. A CHECK constraint has the same SQLSTATE, and a name.
  var isMissingPartition: Bool {
    sqlState == SQLState(rawValue: "23514") && constraint == nil
  }
}
