import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsText

@Suite("Numbers as text")
struct NumberTextTests {
  @Test(
    "times are written as on a clock",
    arguments: [(0, "0:00"), (59, "0:59"), (61, "1:01"), (3600, "1:00:00"), (36_061, "10:01:01")])
  func clock(seconds: Int, written: String) {
    #expect(Duration.seconds(seconds).clock == written)
  }

  @Test(
    "numbers have a comma between each three digits",
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

  @Test("only the digits of hexadecimal have a value")
  func digits() {
    for byte in UInt8.min...UInt8.max {
      let digit = UInt8(String(Unicode.Scalar(byte)), radix: 16)
      #expect(Hexadecimal.value(of: byte) == digit)
    }
  }
}
