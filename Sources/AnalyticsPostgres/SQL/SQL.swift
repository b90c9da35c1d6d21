internal import AnalyticsText

/// A statement, or a part of one, with its values kept apart from its text.
///
/// ```swift
/// let isRecent: SQL = "day >= \(lower)"
/// try await connection.query("SELECT day, events FROM \(identifier: table) WHERE \(isRecent)")
/// ```
///
/// An interpolated value becomes a bound parameter, so the server never parses it as SQL.
/// Everything else has to be requested: `\(identifier:)` writes a quoted name, `\(literal:)` a
/// quoted text or a number where no parameter is allowed, and `\(body:)` the body of a function.
/// Another `SQL` becomes a part of this one. Parameters are numbered when the whole statement is
/// sent. (The idea comes from GRDB's `SQL` and postgres-nio's `PostgresQuery`.)
///
/// A value that occurs twice becomes two parameters, and the server does not know that they are
/// equal. So GROUP BY has to refer to an expression with a value by its position.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
  private enum Part: Sendable {
    case text(String)
    case value(PostgresParameter)
  }

  private var parts: [Part]

  private init(parts: [Part]) {
    self.parts = parts
  }

  package init(stringLiteral text: String) {
    parts = text.isEmpty ? [] : [.text(text)]
  }

  package init(stringInterpolation: StringInterpolation) {
    self = stringInterpolation.sql
  }

  /// Makes SQL from text as it is: text that the server produced, or a migration. The text must not
  /// contain data.
  package init(verbatim text: String) {
    self.init(stringLiteral: text)
  }

  /// Makes SQL from a script that is embedded in the program.
  package init(file bytes: [UInt8]) {
    self.init(verbatim: String(decoding: bytes, as: UTF8.self))
  }

  /// Returns a name in double quotes.
  package static func identifier(_ name: String) -> SQL {
    SQL(verbatim: "\"\(name.replacing("\"", by: "\"\""))\"")
  }

  /// Returns a text in single quotes that is parsed the same way whatever
  /// `standard_conforming_strings` is.
  package static func literal(_ text: String) -> SQL {
    let quoted = "'\(text.replacing("'", by: "''").replacing("\\", by: "\\\\"))'"
    return SQL(verbatim: text.has("\\") ? "E\(quoted)" : quoted)
  }

  /// Returns a dollar-quoted script for `DO` and `CREATE FUNCTION`. The tag between the dollar
  /// signs does not occur in the script, so nothing in it can end the quotation.
  package static func body(_ script: SQL) -> SQL {
    let text = script.textWithoutValues
    var word = "body"
    while text.has(bytesOf: "$\(word)$") { word += "_" }
    return SQL(verbatim: "$\(word)$\n\(text)\n$\(word)$")
  }

  /// Returns a value as a parameter.
  package static func value(_ value: PostgresParameter) -> SQL { SQL(parts: [.value(value)]) }

  /// Returns a duration as an `interval`, with its seconds as a parameter.
  package static func interval(_ duration: Duration) -> SQL {
    "make_interval(secs => \(duration / .seconds(1)))"
  }

  /// Returns column positions such as `1, 2, 3`, for GROUP BY or ORDER BY.
  package static func positions(_ positions: ClosedRange<Int>) -> SQL {
    SQL(verbatim: positions.map(String.init).joined(separator: ", "))
  }

  /// Whether there is neither text nor a value.
  package var isEmpty: Bool { parts.isEmpty }

  package static func + (left: SQL, right: SQL) -> SQL { SQL(parts: left.parts + right.parts) }

  package static func += (left: inout SQL, right: SQL) { left.parts += right.parts }

  /// The text with `$1`, `$2`, … in place of the values, and the values in order.
  var numbered: (text: String, parameters: [PostgresParameter]) {
    // Most scripts consist of one text, which may be long. It is not copied.
    if case .text(let text)? = parts.first, parts.count == 1 { return (text, []) }
    var text = ""
    var parameters: [PostgresParameter] = []
    for part in parts {
      switch part {
      case .text(let piece): text += piece
      case .value(let value):
        parameters.append(value)
        text += "$\(parameters.count)"
      }
    }
    return (text, parameters)
  }
}

extension SQL {
  /// The text for a protocol without parameters.
  ///
  /// - Precondition: There are no values. That depends on how the statement is written, never on
  ///   data.
  var textWithoutValues: String {
    let (text, parameters) = numbered
    precondition(parameters.isEmpty, "this SQL cannot have parameters: \(text)")
    return text
  }
}

/// The text, without the values.
extension SQL: CustomStringConvertible {
  package var description: String { numbered.text }
}

extension Sequence<SQL> {
  /// Joins the parts, with the separator between each two.
  package func joined(separator: SQL) -> SQL {
    var joined: SQL = ""
    var isFirst = true
    for part in self {
      if !isFirst { joined += separator }
      joined += part
      isFirst = false
    }
    return joined
  }
}

extension SQL {
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var sql: SQL

    package init(literalCapacity: Int, interpolationCount: Int) {
      sql = SQL(parts: [])
      sql.parts.reserveCapacity(2 * interpolationCount + 1)
    }

    package mutating func appendLiteral(_ text: String) {
      if !text.isEmpty { sql.parts.append(.text(text)) }
    }

    /// Appends a value as a parameter.
    package mutating func appendInterpolation(_ value: some PostgresEncodable) {
      sql.parts.append(.value(value.parameter))
    }

    /// Appends a value or NULL. The server infers the type of NULL; if it cannot, write
    /// `\(value)::text`.
    package mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
      sql.parts.append(.value(value?.parameter ?? .null))
    }

    /// Appends another part.
    package mutating func appendInterpolation(_ part: SQL) {
      sql += part
    }

    /// Appends a name, quoted.
    package mutating func appendInterpolation(identifier name: String) {
      sql += .identifier(name)
    }

    /// Appends a text, quoted, where no parameter is allowed.
    package mutating func appendInterpolation(literal text: String) {
      sql += .literal(text)
    }

    /// Appends the body of a function or of `DO`.
    package mutating func appendInterpolation(body script: SQL) {
      sql += .body(script)
    }

    /// Appends a number where no parameter is allowed.
    package mutating func appendInterpolation(literal number: some BinaryInteger) {
      sql += SQL(verbatim: String(number))
    }
  }
}
