#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JSON value, for fields whose structure only the application knows.
public enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// An integer that fits into 64 bits.
  case integer(Int64)
  /// A floating-point number. NaN and infinities are stored as `null`.
  case number(Double)
  /// A number with its digits as written. `analytics import` and `analytics track` read a JSON
  /// number as ``integer(_:)`` if it is written exactly as an `Int64`, and as this case otherwise.
  case exact(JSONNumber)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object(JSONObject)
}

extension JSONValue: Codable {
  /// Reads any JSON value.
  ///
  /// Numbers are as exact as the decoder provides them. `JSONDecoder` keeps 64-bit integers and up
  /// to 38 digits of other numbers, but not trailing zeros. It reads `1.0` as `1`, numbers too
  /// small for a `Double` as 0, and rejects numbers too large for one.
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

  /// Returns the number with its digits if a `Double` would change it, otherwise `nil`.
  private static func digits(
    in container: some SingleValueDecodingContainer, besides double: Double
  ) -> JSONNumber? {
    guard let decimal = try? container.decode(Decimal.self), !decimal.isNaN,
      decimal != Decimal(string: double.description)
    else { return nil }
    // A number whose exponent is too small for a `Decimal` is read as 0.
    return decimal == 0 ? nil : JSONNumber(decimal.description)
  }

  /// Writes the value as it is. A number that is not finite becomes `null`. Digits of ``exact(_:)``
  /// that the encoder cannot write are rounded to the nearest `Double`.
  ///
  /// - Throws: `EncodingError` for a number that is too large for a `Double`.
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
        number,
        .init(
          codingPath: container.codingPath, debugDescription: "the number is too large for a Double"
        ))
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Creates a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Creates an integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// Creates a floating-point number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// Creates a Boolean value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Creates `null`.
  public init(nilLiteral: ()) { self = .null }
  /// Creates an array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Creates an object. If a name occurs twice, the last value counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    var object = JSONObject()
    for (name, value) in elements { object[name] = value }
    self = .object(object)
  }
}
