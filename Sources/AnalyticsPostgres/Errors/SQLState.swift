/// The five characters by which PostgreSQL says what went wrong.
///
/// Meanings: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  package var description: String { rawValue }

  /// The first two characters: the class of the condition.
  package var conditionClass: String { String(decoding: rawValue.utf8.prefix(2), as: UTF8.self) }

  /// Whether the data itself is refused, so that sending it again can never help: the classes 22, 23
  /// and 44, 54000 (a value too large for the server's limits), and what somebody's own function
  /// raises (``isRaised``).
  package var isDataError: Bool {
    ["22", "23", "44"].contains(conditionClass) || self == .programLimitExceeded || isRaised
  }

  /// Whether a function says it, in PL/pgSQL by RAISE, ASSERT or STRICT, rather than the server: P0001
  /// and the like, and classes that neither PostgreSQL nor TimescaleDB has.
  ///
  /// P0000 is none: PL/pgSQL itself says so of a function that is at fault.
  package var isRaised: Bool {
    conditionClass == "P0" ? rawValue != "P0000" : !Self.serverClasses.contains(conditionClass)
  }

  /// All of PostgreSQL 18; TS is TimescaleDB's.
  private static let serverClasses: Set<String> = [
    "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22",
    "23", "24", "25", "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40",
    "42", "44", "53", "54", "55", "57", "58", "72", "F0", "HV", "P0", "TS", "XX",
  ]

  /// Whether the same statement may succeed later with nobody changing anything.
  package var isTransient: Bool {
    Self.transientClasses.contains(conditionClass) || Self.transientStates.contains(self)
  }

  /// Connections (08), resources (53), the operator (57), the system (58).
  private static let transientClasses: Set<String> = ["08", "53", "57", "58"]

  /// A read-only server is transient since a failover ends it.
  private static let transientStates: Set<SQLState> = [
    .serializationFailure, .deadlockDetected, .lockNotAvailable, .readOnlyTransaction,
  ]
}

extension SQLState {
  package static let uniqueViolation = SQLState(rawValue: "23505")
  package static let readOnlyTransaction = SQLState(rawValue: "25006")
  package static let invalidAuthorization = SQLState(rawValue: "28000")
  package static let invalidPassword = SQLState(rawValue: "28P01")
  package static let unknownDatabase = SQLState(rawValue: "3D000")
  package static let unknownSchema = SQLState(rawValue: "3F000")
  package static let serializationFailure = SQLState(rawValue: "40001")
  package static let deadlockDetected = SQLState(rawValue: "40P01")
  package static let insufficientPrivilege = SQLState(rawValue: "42501")
  package static let syntaxError = SQLState(rawValue: "42601")
  package static let unknownColumn = SQLState(rawValue: "42703")
  package static let unknownFunction = SQLState(rawValue: "42883")
  package static let unknownTable = SQLState(rawValue: "42P01")
  package static let duplicateDatabase = SQLState(rawValue: "42P04")
  package static let duplicateTable = SQLState(rawValue: "42P07")
  package static let tooManyConnections = SQLState(rawValue: "53300")
  package static let programLimitExceeded = SQLState(rawValue: "54000")
  package static let lockNotAvailable = SQLState(rawValue: "55P03")
  package static let queryCanceled = SQLState(rawValue: "57014")
  package static let adminShutdown = SQLState(rawValue: "57P01")
  package static let crashShutdown = SQLState(rawValue: "57P02")
  package static let cannotConnectNow = SQLState(rawValue: "57P03")
}
