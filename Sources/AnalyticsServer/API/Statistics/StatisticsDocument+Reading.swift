internal import AnalyticsText
package import Foundation

extension StatisticsDocument {
  /// Reads the output of ``json`` or ``csv``; `nil` if the data is neither.
  ///
  /// Refuses fields whose signed form would be ambiguous: two fields of the same name, a name that
  /// contains `=`, and a line feed in a name or value.
  package init?(_ data: Data) {
    // Foundation would also accept UTF-16, in which every ASCII character has a zero byte.
    guard let text = String(validating: data, as: UTF8.self), !text.has("\0") else { return nil }
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    let read = object.map { Self.fields(of: $0, in: text) } ?? Self.fields(ofCSV: text)
    guard let read, Set(read.map { ExactString($0.name) }).count == read.count,
      read.allSatisfy({ !$0.name.has("=") && !$0.name.has("\n") && !$0.value.plain.has("\n") })
    else { return nil }
    fields = read
  }

  // MARK: - JSON

  private static func fields(of object: [String: Any], in text: String) -> [Field]? {
    var fields: [Field] = []
    for (name, value) in object {
      switch value {
      case let text as String: fields.append(Field(name: name, value: .text(text)))
      case let number as Int: fields.append(Field(name: name, value: .integer(number)))
      default: return nil
      }
    }
    return fields.count == members(in: text) ? fields : nil
  }

  /// Counts the members of an object of strings and numbers as written. Foundation keeps only one
  /// of several members whose names it considers equal.
  private static func members(in json: String) -> Int {
    var (count, isInText, isEscaped) = (0, false, false)
    for byte in json.utf8 {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\"): isEscaped = true
      case UInt8(ascii: "\""): isInText.toggle()
      case UInt8(ascii: ":") where !isInText: count += 1
      default: break
      }
    }
    return count
  }

  // MARK: - CSV

  private static func fields(ofCSV text: String) -> [Field]? {
    let lines = text.split(at: "\n").map {
      $0.ends(with: "\r") ? Substring($0.unicodeScalars.dropLast()) : $0
    }.filter { !$0.isEmpty }
    guard lines.count == 2, let names = cells(of: lines[0]), let values = cells(of: lines[1]),
      names.count == values.count, names.count > 1
    else { return nil }
    return zip(names, values).map { Field(name: $0, value: .text($1)) }
  }

  /// The cells of a line; `nil` if a quote stands where `CSVText` would not write one.
  private static func cells(of line: Substring) -> [String]? {
    var cells: [String] = []
    var rest = line
    while true {
      var parts: [Substring] = []
      if rest.begins(with: "\"") {
        // Two quotes within quotes stand for one.
        repeat {
          guard let (part, tail) = rest.dropping("\"").cut(at: "\"") else { return nil }
          parts.append(part)
          rest = tail
        } while rest.begins(with: "\"")
      } else {
        parts.append(rest.cut(at: ",")?.head ?? rest)
        guard !parts[0].has("\"") else { return nil }
        rest = rest[parts[0].endIndex...]
      }
      cells.append(parts.joined(separator: "\""))
      if rest.isEmpty { return cells }
      guard rest.begins(with: ",") else { return nil }
      rest = rest.dropping(",")
    }
  }
}
