import AnalyticsText

/// The named values of a JSON object, in the order of their names' bytes.
///
/// ```swift
/// var fields: JSONObject = ["plan": "pro", "seats": 3]
/// fields["trial"] = true
/// ```
///
/// Names are the same if their bytes are, as in `jsonb`: `é` as one scalar and `é` as two are two
/// names, which a `Dictionary` would take for one. Of a name that occurs twice the last value counts.
public struct JSONObject: Sendable, Hashable {
  private var values: [ExactString: JSONValue] = [:]

  /// Makes an object without members.
  public init() {}

  /// Makes an object of a dictionary's values.
  public init(_ values: [String: JSONValue]) {
    for (name, value) in values { self[name] = value }
  }

  /// The value of a name; setting it to `nil` removes the name.
  public subscript(name: String) -> JSONValue? {
    get { values[ExactString(name)] }
    set { values[ExactString(name)] = newValue }
  }

  /// How many names there are.
  public var count: Int { values.count }

  /// Whether there are none.
  public var isEmpty: Bool { values.isEmpty }

  /// Whether all names with their values satisfy a condition. They are asked in no order, which takes no
  /// memory.
  func allSatisfy(_ isTrue: (String, JSONValue) throws -> Bool) rethrows -> Bool {
    try values.allSatisfy { try isTrue($0.key.text, $0.value) }
  }

  /// The same names with other values.
  public func mapValues(_ transform: (JSONValue) throws -> JSONValue) rethrows -> JSONObject {
    try compactMapValues(transform)
  }

  /// The same names with other values, without those for which there is none.
  public func compactMapValues(
    _ transform: (JSONValue) throws -> JSONValue?
  ) rethrows -> JSONObject {
    var result = self
    result.values = try values.compactMapValues(transform)
    return result
  }
}

extension JSONObject: Sequence {
  /// Names and values in the order of the names' bytes.
  public func makeIterator() -> some IteratorProtocol<(name: String, value: JSONValue)> {
    values.sorted { $0.key < $1.key }.lazy.map { (name: $0.key.text, value: $0.value) }
      .makeIterator()
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Named values.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension JSONObject: Codable {
  /// Reads any JSON object. Names that are canonically equivalent may reach it as one: Foundation's
  /// `JSONDecoder` keeps members in a `Dictionary`. `analytics import` reads them itself.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: WireKey.self)
    for key in container.allKeys {
      self[key.stringValue] = try container.decode(JSONValue.self, forKey: key)
    }
  }

  /// Writes a JSON object.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: WireKey.self)
    for (name, value) in self { try container.encode(value, forKey: WireKey(stringValue: name)) }
  }
}
