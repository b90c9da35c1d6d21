extension SQLState {
  /// Whether the server's message names only schema objects and states of the server.
  ///
  /// This is a list of conditions that are known to be safe. Messages of all others may quote
  /// values (`invalid input syntax for type integer: "…"`), literals (`syntax error at or near
  /// "…"`) or any text that a function raises.
  var hasSafeMessage: Bool {
    Self.classesWithSafeMessage.contains(conditionClass)
      || Self.statesWithSafeMessage.contains(rawValue)
  }

  private static let classesWithSafeMessage: Set<String> = [
    "08", "28", "3D", "3F", "40", "53", "57", "58",
  ]

  private static let statesWithSafeMessage: Set<String> = [
    "0A000", "25001", "25006", "25P01", "25P02", "2BP01", "42501", "42701", "42703", "42704",
    "42710", "42723", "42883", "42P01", "42P04", "42P06", "42P07", "55000", "55006", "55P03",
  ]

  /// The meaning of the condition, in fixed words that contain no data.
  var wording: String {
    Self.wordings[rawValue] ?? Self.classWordings[conditionClass]
      ?? (isRaised ? Self.wordingOfRaised : "the server refused the statement")
  }

  private static let wordings: [String: String] = [
    "22001": "a text is too long for its column",
    "22003": "a number is out of range",
    "22007": "a date or time is malformed",
    "22008": "a date or time is out of range",
    "22012": "division by zero",
    "22021": "a text is not valid in the database's encoding",
    "22023": "a parameter has an invalid value",
    "22026": "a bit string has the wrong length",
    "22030": "a JSON object has a key twice",
    "22032": "a JSON text is malformed",
    "22P02": "a text is not a valid value of its type",
    "22P03": "a value's binary form is malformed",
    "22P04": "the COPY data is malformed",
    "22P05": "a character cannot be converted to the database's encoding",
    "23502": "a required value is missing",
    "23503": "a referenced row does not exist",
    "23505": "a row with this key exists already",
    "23514": "a check constraint refused a row",
    "23P01": "an exclusion constraint refused a row",
    "42601": "the statement has a syntax error",
    "42804": "the types do not match",
    "54000": "a value exceeds a limit of the server",
    "XX000": "an internal error of the server",
    "XX001": "the server found corrupted data",
    "XX002": "the server found a corrupted index",
  ]

  private static let wordingOfRaised = "a function raised an exception"

  private static let classWordings: [String: String] = [
    "22": "a value is not valid",
    "23": "a constraint refused a row",
    "25": "the transaction's state does not allow it",
    "42": "the statement does not fit the database's objects",
    "44": "a view's check option refused a row",
    "54": "a limit of the server was exceeded",
    "55": "an object is not in the needed state",
    "P0": wordingOfRaised,
    "XX": "an internal error of the server",
  ]
}
