import Analytics
import ArgumentParser

/// Which events to export, as SQL.
struct ExportQuery: Sendable {
  /// The first instant.
  var from: EventTimestamp?
  /// The first instant that is not wanted any more.
  var to: EventTimestamp?
  /// Which types; all if empty.
  var types: [String] = []

  /// COPY takes no parameters, so values are written out.
  var copy: String {
    "COPY (SELECT \(EventColumns.select) FROM analytics_events\(condition) "
      + "ORDER BY timestamp, id) TO STDOUT (FORMAT binary)"
  }

  private var condition: String {
    var conditions: [String] = []
    if let from { conditions.append("timestamp >= '\(from)'") }
    if let to { conditions.append("timestamp < '\(to)'") }
    if !types.isEmpty {
      let list = types.map(SQLLiteral.text).joined(separator: ", ")
      conditions.append("event_type IN (\(list))")
    }
    return conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
  }
}

/// Values written into SQL where no parameters can go.
enum SQLLiteral {
  /// Means what it says while `standard_conforming_strings` is on: see ``CommandDatabase/read(on:isolation:_:)``.
  static func text(_ value: String) -> String { "'\(value.replacing("'", with: "''"))'" }
}

extension EventTimestamp {
  /// Reads what people type: RFC 3339, or a day, which begins at midnight UTC.
  static func parsing(_ argument: String) throws(ValidationError) -> EventTimestamp {
    guard let value = Self(rfc3339: argument) ?? Self(rfc3339: argument + "T00:00:00Z") else {
      throw ValidationError("expected a time such as 2026-01-31T08:00:00Z, or a day")
    }
    return value
  }
}
