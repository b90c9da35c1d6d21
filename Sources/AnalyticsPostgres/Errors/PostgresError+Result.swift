internal import AnalyticsText
internal import CAnalyticsPQ

extension PostgresError {
  /// Makes an error from the server's error result. It takes only fields that cannot contain data.
  static func refusal(_ result: OpaquePointer, destination: String) -> PostgresError {
    guard let state = field(.sqlState, of: result).map(SQLState.init(rawValue:)) else {
      return PostgresError(
        .protocolViolation, "libpq could not understand the server's answer",
        destination: destination)
    }
    var summary = state.wording
    if state.hasSafeMessage, let message = field(.primaryMessage, of: result) {
      summary = oneLine(message)
    }
    var error = PostgresError(.server(state), summary, destination: destination)
    error.schema = field(.schemaName, of: result)
    error.table = field(.tableName, of: result)
    error.column = field(.columnName, of: result)
    error.constraint = field(.constraintName, of: result)
    return error
  }

  /// Returns whether a warning says that the server stopped waiting for its synchronous standby
  /// after a COMMIT.
  ///
  /// The warning is recognised by the server's source file, which is not translated and which a
  /// trigger cannot set. SQLSTATE and severity would not do: they are the same for any `RAISE
  /// WARNING`. A trigger that raises one would make every outcome unknown, and its rows would be
  /// sent again for ever.
  static func saysStandbyWasLeft(_ notice: OpaquePointer) -> Bool {
    field(.severity, of: notice) == "WARNING" && field(.sourceFile, of: notice) == "syncrep.c"
  }

  static func standbyLeft(_ destination: String) -> PostgresError {
    PostgresError(
      .standbyLeft,
      "the server committed, but stopped waiting for its synchronous standby, which may lack the "
        + "transaction", destination: destination)
  }

  /// Makes the error for a failed connection attempt. libpq 15 gives no SQLSTATE for it, only a
  /// text.
  static func connectionFailure(_ message: String, destination: String) -> PostgresError {
    let state = connectionStates.first { message.has(bytesOf: $0.text) }?.state
    return PostgresError(
      .connectionFailed, "cannot connect: \(oneLine(message))", destination: destination,
      sqlState: state)
  }

  /// Fields of an error message. The raw values are those of the protocol:
  /// <https://www.postgresql.org/docs/current/protocol-error-fields.html>.
  private enum Field: Unicode.Scalar {
    case severity = "V"
    case sqlState = "C"
    case primaryMessage = "M"
    case schemaName = "s"
    case tableName = "t"
    case columnName = "c"
    case constraintName = "n"
    case sourceFile = "F"
  }

  private static func field(_ field: Field, of result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(field.rawValue.value)).map { String(cString: $0) }
  }

  /// Texts that tell the SQLSTATE. They are always in English: libpq translates only after
  /// `setlocale`, and in the C locale the server's `lc_messages` leaves these few unchanged. If a
  /// text is unknown, only the SQLSTATE is missing.
  private static let connectionStates: [(text: String, state: SQLState)] = [
    ("password authentication failed", .invalidPassword),
    ("no password supplied", .invalidPassword),
    ("no pg_hba.conf entry", .invalidAuthorization),
    ("role \"", .invalidAuthorization),
    ("database \"", .unknownDatabase),
    ("the database system is", .cannotConnectNow),
    ("too many clients", .tooManyConnections),
    ("connection slots are reserved", .tooManyConnections),
    ("too many connections", .tooManyConnections),
    ("session is read-only", .readOnlyTransaction),
    ("server is in hot standby mode", .readOnlyTransaction),
  ]

  /// Returns a message as one line. libpq adds lines with hints, indented by a tab, and one line
  /// for each host that was tried, twice if it was tried with and without TLS.
  private static func oneLine(_ message: String) -> String {
    var lines: [Substring] = []
    for line in message.split(at: "\n") where !lines.contains(where: line.isSame) {
      let isHint = ["\t", "DETAIL:", "HINT:", "Either provide the file"].contains {
        line.begins(with: $0)
      }
      if !isHint { lines.append(line) }
    }
    return DisplayText.line(lines.joined(separator: "; "))
  }
}
