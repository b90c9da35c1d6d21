import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Numbers in their written form")
struct JSONNumberTests {
  @Test(
    "are accepted if JSON allows them, and kept unchanged",
    arguments: [
      "0", "-0", "-0.0", "1.10", "10", "18446744073709551615", "1E2", "1e+22", "1e-400", "1e309",
      "1e000000000000000000400", "0.000", "0e-5", "123456789012345678901234567890.1234567890",
    ])
  func taken(text: String) throws {
    let number = try #require(JSONNumber(text))
    #expect(number.description == text)
    let rows = try rows {
      $0.track(.custom(DynamicEvent(type: "t", fields: ["n": .exact(number)])))
    }
    #expect(String(decoding: rows[0].data, as: UTF8.self) == #"{"n":\#(text)}"#)
  }

  @Test(
    "are refused in all other cases",
    arguments: [
      "", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1e1.5", "0x1", "NaN", "Infinity", " 1",
      "1 ", "1,5", "1_000", "\u{661}", "1\u{308}", "--1", "1ee1", "1\0",
    ])
  func refused(text: String) {
    #expect(JSONNumber(text) == nil)
  }

  @Test("have the limits of PostgreSQL's numeric, and one for exponents")
  func bounds() {
    func digits(_ count: Int) -> String { String(repeating: "9", count: count) }
    #expect(JSONNumber(digits(131_072) + "." + digits(16_383)) != nil)
    #expect(JSONNumber(digits(131_073)) == nil)
    #expect(JSONNumber("0." + digits(16_384)) == nil)
    #expect(JSONNumber(digits(131_072) + "e1") == nil)
    #expect(JSONNumber("0." + digits(16_383) + "e-1") == nil)
    for exponent in ["400", "-400"] { #expect(JSONNumber("1e" + exponent) != nil) }
    for exponent in ["401", "-401", "131072", "-16384", "9223372036854775808", digits(100_000)] {
      #expect(JSONNumber("1e" + exponent) == nil)
      #expect(JSONNumber("0e" + exponent) == nil)
    }
  }

  @Test("differ if they are written differently")
  func equality() {
    #expect(JSONNumber("1.0") != JSONNumber("1.00"))
    #expect(JSONNumber("1.0") == JSONNumber("1.0"))
    #expect(JSONNumber(UInt64.max) == JSONNumber("18446744073709551615"))
  }

  private func decoded(_ text: String) throws -> JSONValue? {
    try JSONDecoder().decode([JSONValue].self, from: Data("[\(text)]".utf8)).first
  }

  @Test(
    "are encoded and decoded exactly if JSONDecoder and JSONEncoder keep the digits",
    arguments: [
      "18446744073709551615", "18446744073709551614", "123456789012345678901234567890",
      "1234567890123456.789", "-0.12345678901234567890123", "9223372036854775808",
    ])
  func codable(text: String) throws {
    let value = try #require(try decoded(text))
    #expect(value == JSONNumber(text).map { .exact($0) })
    #expect(String(decoding: try JSONEncoder().encode([value]), as: UTF8.self) == "[\(text)]")
  }

  @Test(
    "are a Double for JSONDecoder if it has the same digits, or if Decimal cannot represent them")
  func doubles() throws {
    for (text, double) in [("0.5", 0.5), ("1e300", 1e300), ("-1.25e-7", -1.25e-7), ("0.1", 0.1)] {
      #expect(try decoded(text) == .number(double))
    }
    #expect(try decoded("7") == 7)
    #expect(throws: DecodingError.self) { try decoded("1e309") }
    let exact = try #require(JSONNumber("1e300"))
    #expect(try JSONEncoder().encode([JSONValue.exact(exact)]) == Data("[1e+300]".utf8))
    let tooLarge = try #require(JSONNumber("1e309"))
    #expect(throws: EncodingError.self) { try JSONEncoder().encode([JSONValue.exact(tooLarge)]) }
  }

  @Test("are a Decimal only if that is exact")
  func decimals() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<2000 {
      var text = random.chance(0.5) ? "-" : ""
      text += random.chance(0.3) ? "0" : "\(1 + random.below(9))" + digits(&random, 30)
      if random.chance(0.7) { text += "." + "\(random.below(10))" + digits(&random, 30) }
      if random.chance(0.5) { text += "e\(random.below(300) - 150)" }
      guard let number = JSONNumber(text), let decimal = number.decimal else { continue }
      #expect(canonical(decimal.description) == canonical(text), "\(text)")
    }
  }

  private func digits(_ random: inout SeededGenerator, _ most: Int) -> String {
    (0..<random.below(most)).map { _ in "\(random.below(10))" }.joined()
  }

  /// Sign, significant digits and the exponent of the last one.
  private func canonical(_ text: String) -> String {
    let parts = text.lowercased().split(separator: "e")
    let mantissa = parts[0].drop { $0 == "-" }.split(
      separator: ".", omittingEmptySubsequences: false)
    var digits = mantissa.joined().drop { $0 == "0" }
    var exponent =
      (parts.count > 1 ? Int(parts[1])! : 0) - (mantissa.count > 1 ? mantissa[1].count : 0)
    while digits.last == "0" {
      digits.removeLast()
      exponent += 1
    }
    return digits.isEmpty ? "0" : "\(text.hasPrefix("-") ? "-" : "")\(digits)e\(exponent)"
  }
}
