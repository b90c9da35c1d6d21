#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Any JSON, for the few fields whose shape only the application knows.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number of 64 bits.
  case integer(Int64)
  /// A floating-point number. One that is not finite is stored as `null`.
  case number(Double)
  /// A number with its digits as they were written. What `analytics import` and `track` read of JSON is
  /// ``integer(_:)`` where an `Int64` is written so, and this everywhere else.
  case exact(JSONNumber)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Named values.
  case object(JSONObject)
}

extension JSONValue: Codable {
  /// Reads any JSON.
  ///
  /// Numbers are as exact as the decoder gives them. `JSONDecoder` keeps whole numbers of 64 bits and up to
  /// 38 digits of others, but not zeros at the end; it takes `1.0` for `1`, makes 0 of what no `Double`
  /// is small enough for, and refuses what is too large for one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .exact(JSONNumber(value))
    } else if let value = try? container.decode(Double.self) {
      self = Self.digits(in: container, besides: value).map { .exact($0) } ?? .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode(JSONObject.self))
    }
  }

  /// The number to be read, if a `Double` would change it.
  private static func digits(
    in container: some SingleValueDecodingContainer, besides double: Double
  ) -> JSONNumber? {
    guard let decimal = try? container.decode(Decimal.self), !decimal.isNaN,
      decimal != Decimal(string: double.description)
    else { return nil }
    // Where the exponent is too small for a Decimal it is 0.
    return decimal == 0 ? nil : JSONNumber(decimal.description)
  }

  /// Writes it as it is; a number that is not finite becomes `null`. Digits of ``exact(_:)`` that the
  /// encoder cannot write become those of the nearest `Double`.
  ///
  /// - Throws: `EncodingError` for one that no `Double` is large enough for.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value):
      if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
    case .exact(let value): try Self.encode(value, to: &container)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONValue {
  private static func encode(
    _ number: JSONNumber, to container: inout some SingleValueEncodingContainer
  ) throws {
    if let value = UInt64(number.description) {
      try container.encode(value)
    } else if let value = number.decimal {
      try container.encode(value)
    } else if let value = Double(number.description), value.isFinite {
      try container.encode(value)
    } else {
      throw EncodingError.invalidValue(
        number, .init(codingPath: container.codingPath, debugDescription: "no Double is so large"))
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// Another number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Named values.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}
