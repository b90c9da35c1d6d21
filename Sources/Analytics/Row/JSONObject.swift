import AnalyticsText

/// A JSON object: named values, iterated in the order of their names' bytes.
///
/// ```swift
/// var fields: JSONObject = ["plan": "pro", "seats": 3]
/// fields["trial"] = true
/// ```
///
/// As in `jsonb`, two names are equal if their bytes are equal: `é` as one scalar and `é` as two
/// scalars are different names, which a `Dictionary` would treat as one. If a name occurs twice,
/// the last value counts.
public struct JSONObject: Sendable, Hashable {
  private var values: [ExactString: JSONValue] = [:]

  /// Creates an empty object.
  public init() {}

  /// Creates an object from a dictionary.
  public init(_ values: [String: JSONValue]) {
    for (name, value) in values { self[name] = value }
  }

  /// The value for a name. Setting it to `nil` removes the name.
  public subscript(name: String) -> JSONValue? {
    get { values[ExactString(name)] }
    set { values[ExactString(name)] = newValue }
  }

  /// The number of names.
  public var count: Int { values.count }

  /// Whether the object has no names.
  public var isEmpty: Bool { values.isEmpty }

  /// Whether all pairs of name and value satisfy a condition. They are visited in no particular
  /// order, which avoids allocating a sorted copy.
  func allSatisfy(_ isTrue: (String, JSONValue) throws -> Bool) rethrows -> Bool {
    try values.allSatisfy { try isTrue($0.key.text, $0.value) }
  }

  /// Returns an object with the same names and transformed values.
  public func mapValues(_ transform: (JSONValue) throws -> JSONValue) rethrows -> JSONObject {
    try compactMapValues(transform)
  }

  /// Returns an object with transformed values, without the names for which `transform` returns
  /// `nil`.
  public func compactMapValues(
    _ transform: (JSONValue) throws -> JSONValue?
  ) rethrows -> JSONObject {
    var result = self
    result.values = try values.compactMapValues(transform)
    return result
  }
}

extension JSONObject: Sequence {
  /// Iterates over names and values in the order of the names' bytes.
  public func makeIterator() -> some IteratorProtocol<(name: String, value: JSONValue)> {
    values.sorted { $0.key < $1.key }.lazy.map { (name: $0.key.text, value: $0.value) }
      .makeIterator()
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Creates an object from a dictionary literal. If a name occurs twice, the last value counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension JSONObject: Codable {
  /// Reads a JSON object. Foundation's `JSONDecoder` keeps members in a `Dictionary`, so it may
  /// merge names that are canonically equivalent. `analytics import` uses its own parser.
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
