import Analytics
import AnalyticsInterchange
import AnalyticsText
import ArgumentParser

extension EventFilter {
  /// The types in an option, separated by commas; empty without the option.
  ///
  /// - Throws: If the option names no type: an empty list would mean all types.
  static func types(_ option: String?) throws(ValidationError) -> [String] {
    guard let option else { return [] }
    let types = option.split(at: ",").map { String($0) }
    guard !types.isEmpty else { throw ValidationError("--type names no type") }
    return types
  }
}

extension EventTimestamp {
  /// Parses an argument: RFC 3339, or a day, which begins at midnight UTC.
  static func parsing(_ argument: String) throws(ValidationError) -> EventTimestamp {
    guard let value = Self(timeOrDay: argument) else {
      throw ValidationError("expected a time such as 2026-01-31T08:00:00Z, or a day")
    }
    return value
  }
}
