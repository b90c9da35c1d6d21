/// The five characters by which PostgreSQL identifies a condition.
///
/// Meanings: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) {
    self.rawValue = rawValue
  }

  package var description: String { rawValue }

  /// The class of the condition: the first two characters.
  package var conditionClass: String { String(decoding: rawValue.utf8.prefix(2), as: UTF8.self) }

  /// Whether the data itself is refused, so that sending it again can never help. True for the
  /// classes 22, 23 and 44, for 54000 (a value exceeds a limit of the server), and for errors that
  /// a user's function raises (``isRaised``).
  package var isDataError: Bool {
    ["22", "23", "44"].contains(conditionClass) || self == .programLimitExceeded || isRaised
  }

  /// Whether a function raised the error (in PL/pgSQL by RAISE, ASSERT or STRICT) and not the
  /// server itself. True for P0001 and the like, and for classes that neither PostgreSQL nor
  /// TimescaleDB uses.
  ///
  /// P0000 is not among them: PL/pgSQL itself reports it for a faulty function.
  package var isRaised: Bool {
    conditionClass == "P0" ? rawValue != "P0000" : !Self.serverClasses.contains(conditionClass)
  }

  /// All classes of PostgreSQL 18; TS is TimescaleDB's.
  private static let serverClasses: Set<String> = [
    "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22",
    "23", "24", "25", "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40",
    "42", "44", "53", "54", "55", "57", "58", "72", "F0", "HV", "P0", "TS", "XX",
  ]

  /// Whether the same statement may succeed later without any change.
  package var isTransient: Bool {
    Self.transientClasses.contains(conditionClass) || Self.transientStates.contains(self)
  }

  /// Connection failures (08), insufficient resources (53), operator intervention (57) and system
  /// errors (58).
  private static let transientClasses: Set<String> = ["08", "53", "57", "58"]

  /// A read-only server counts as transient, since a failover ends that state.
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
  package static let unknownColumn = SQLState(rawValue: "42703")
  package static let unknownFunction = SQLState(rawValue: "42883")
  package static let unknownTable = SQLState(rawValue: "42P01")
  package static let duplicateDatabase = SQLState(rawValue: "42P04")
  package static let tooManyConnections = SQLState(rawValue: "53300")
  package static let programLimitExceeded = SQLState(rawValue: "54000")
  package static let lockNotAvailable = SQLState(rawValue: "55P03")
  package static let queryCanceled = SQLState(rawValue: "57014")
  package static let cannotConnectNow = SQLState(rawValue: "57P03")
}
