internal import AnalyticsText

/// A statement, or a part of one, with its values apart from its text.
///
/// ```swift
/// let isRecent: SQL = "day >= \(lower)"
/// try await connection.query("SELECT day, events FROM \(identifier: table) WHERE \(isRecent)")
/// ```
///
/// An interpolated value becomes a bound parameter: whatever it holds, the server never reads it as SQL.
/// Everything else has to be asked for: `\(identifier:)` writes a quoted name, `\(literal:)` a quoted text or
/// a number where no parameter can stand, `\(body:)` the body of a function. Another `SQL` becomes a part of
/// this one. Parameters are numbered when the whole statement is sent. (The idea is that of GRDB's `SQL` and
/// postgres-nio's `PostgresQuery`.)
///
/// A value that stands twice is two parameters, and the server does not know that they are equal: GROUP BY
/// names an expression that holds a value by its position.
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

  /// SQL as it is: what the server itself wrote, or a migration. Never text that holds data.
  package init(verbatim text: String) {
    self.init(stringLiteral: text)
  }

  /// A script that is embedded in the program.
  package init(file bytes: [UInt8]) {
    self.init(verbatim: String(decoding: bytes, as: UTF8.self))
  }

  /// A name between double quotes.
  package static func identifier(_ name: String) -> SQL {
    SQL(verbatim: "\"\(name.replacing("\"", by: "\"\""))\"")
  }

  /// A text between single quotes, as SQL reads it whatever `standard_conforming_strings` says.
  package static func literal(_ text: String) -> SQL {
    let quoted = "'\(text.replacing("'", by: "''").replacing("\\", by: "\\\\"))'"
    return SQL(verbatim: text.has("\\") ? "E\(quoted)" : quoted)
  }

  /// A script between dollar signs, as `DO` and `CREATE FUNCTION` take it. Whatever is quoted in it cannot
  /// end it: the word between the signs is one that it does not have.
  package static func body(_ script: SQL) -> SQL {
    let text = script.textWithoutValues
    var word = "body"
    while text.has(bytesOf: "$\(word)$") { word += "_" }
    return SQL(verbatim: "$\(word)$\n\(text)\n$\(word)$")
  }

  /// A value as a parameter.
  package static func value(_ value: PostgresParameter) -> SQL { SQL(parts: [.value(value)]) }

  /// `1, 2, 3`: what to group or order by.
  package static func positions(_ positions: ClosedRange<Int>) -> SQL {
    SQL(verbatim: positions.map(String.init).joined(separator: ", "))
  }

  /// Whether it has neither text nor values.
  package var isEmpty: Bool { parts.isEmpty }

  package static func + (left: SQL, right: SQL) -> SQL { SQL(parts: left.parts + right.parts) }

  package static func += (left: inout SQL, right: SQL) { left.parts += right.parts }

  /// The text with `$1`, `$2`, … for the values, and these in order.
  var numbered: (text: String, parameters: [PostgresParameter]) {
    // Most scripts are one text, some of them long: no copy of it.
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
  /// What a protocol without parameters is sent.
  ///
  /// - Precondition: There are no values. That depends on how the statement is written, never on data.
  var textWithoutValues: String {
    let (text, parameters) = numbered
    precondition(parameters.isEmpty, "a value stands where no parameter can: \(text)")
    return text
  }
}

/// The text, without the values.
extension SQL: CustomStringConvertible {
  package var description: String { numbered.text }
}

extension Sequence<SQL> {
  /// One behind the other, with the same between each two.
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

    /// A value, as a parameter.
    package mutating func appendInterpolation(_ value: some PostgresEncodable) {
      sql.parts.append(.value(value.parameter))
    }

    /// A value, or NULL. The server infers the type of a NULL; where it cannot, write `\(value)::text`.
    package mutating func appendInterpolation(_ value: (some PostgresEncodable)?) {
      sql.parts.append(.value(value?.parameter ?? .null))
    }

    /// A part.
    package mutating func appendInterpolation(_ part: SQL) {
      sql += part
    }

    /// A name, quoted.
    package mutating func appendInterpolation(identifier name: String) {
      sql += .identifier(name)
    }

    /// A text, quoted, where no parameter can stand.
    package mutating func appendInterpolation(literal text: String) {
      sql += .literal(text)
    }

    /// The body of a function, or of `DO`.
    package mutating func appendInterpolation(body script: SQL) {
      sql += .body(script)
    }

    /// A number, written out where no parameter can stand.
    package mutating func appendInterpolation(literal number: some BinaryInteger) {
      sql += SQL(verbatim: String(number))
    }
  }
}
