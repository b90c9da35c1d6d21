import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsText

@Suite("Numbers as text")
struct NumberTextTests {
  @Test(
    "durations are written as on a clock",
    arguments: [(0, "0:00"), (59, "0:59"), (61, "1:01"), (3600, "1:00:00"), (36_061, "10:01:01")])
  func clock(seconds: Int, written: String) {
    #expect(Duration.seconds(seconds).clock == written)
  }

  @Test(
    "groups of three digits are separated by commas",
    arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func grouped(number: Int, written: String) {
    #expect(number.grouped == written)
  }

  @Test("a UUID is written as Foundation writes it, in lower case, and read in both cases")
  func uuids() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<100 {
      let id = random.uuid()
      var written: [UInt8] = []
      withUnsafeBytes(of: id.uuid) { Hexadecimal.append(uuid: $0, to: &written) }
      #expect(String(decoding: written, as: UTF8.self) == id.uuidString.lowercased())
      #expect(written.withUnsafeBytes { Hexadecimal.uuid($0) } == id)
      #expect(Array(id.uuidString.utf8).withUnsafeBytes { Hexadecimal.uuid($0) } == id)
    }
  }

  @Test(
    "a text that is not exactly a UUID is not read as one",
    arguments: [
      "", "9f1d3c52-0a0b-4b6e-8f3b-2c55701ed4a", "9f1d3c52-0a0b-4b6e-8f3b-2c55701ed4a70",
      "9f1d3c520a0b4b6e8f3b2c55701ed4a7", "9f1d3c5-20a0b-4b6e-8f3b-2c55701ed4a7",
      "9f1d3c52-0a0b-4b6e8-f3b-2c55701ed4a7", "9f1d3c52-0a0b-4b6e-8f3b-2c55701ed4-7",
      "9f1d3c52-0a0b-4b6e-8f3b_2c55701ed4a7", " 9f1d3c52-0a0b-4b6e-8f3b-2c55701ed4a",
      "é1d3c52-0a0b-4b6e-8f3b-2c55701ed4a7", "9f1d3c52-0a0b-4b6e-8f3b-2c55701ed\u{FF11}",
    ])
  func noUUID(text: String) {
    #expect(Array(text.utf8).withUnsafeBytes { Hexadecimal.uuid($0) } == nil)
  }

  @Test("a UUID with one invalid byte is not read")
  func damagedUUIDs() {
    let whole = Array("9f1d3c52-0a0b-4b6e-8f3b-2c55701ed4a7".utf8)
    for place in whole.indices {
      for byte in [UInt8(ascii: "g"), UInt8(ascii: "G"), 0, 0x80, 0xff] {
        var damaged = whole
        damaged[place] = byte
        #expect(damaged.withUnsafeBytes { Hexadecimal.uuid($0) } == nil, "\(byte) at \(place)")
      }
    }
  }

  @Test("only hexadecimal digits have a value")
  func digits() {
    for byte in UInt8.min...UInt8.max {
      let digit = UInt8(String(Unicode.Scalar(byte)), radix: 16)
      #expect(Hexadecimal.value(of: byte) == digit)
    }
  }
}
