import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("Texts in rows")
struct RowTextTests {
  private func stored(_ texts: [String]) throws -> [CopyRow] {
    let rows = try rows { client in
      for (index, text) in texts.enumerated() {
        client.track(
          .custom(DynamicEvent(type: "t", fields: ["text": .string(text)])),
          at: EventTimestamp(microsecondsSincePostgresEpoch: Int64(index)))
      }
    }
    return rows.sorted { $0.timestamp < $1.timestamp }
  }

  @Test("are unchanged at all lengths from 0 to 40, with each special byte at each place")
  func everyPlace() throws {
    let specials: [Character] = ["\"", "\\", "\n", "\u{1}", "\u{1f}", "\u{7f}", "!", "#", "[", "é"]
    var texts: [String] = []
    for length in 0...40 {
      texts.append(String(repeating: "a", count: length))
      for special in specials {
        for place in 0..<length {
          var characters = [Character](repeating: "a", count: length)
          characters[place] = special
          texts.append(String(characters))
        }
      }
    }
    let rows = try stored(texts)
    #expect(rows.count == texts.count)
    for (text, row) in zip(texts, rows) {
      #expect(try row.json["text"] as? String == text)
    }
  }

  @Test("are checked for necessary escapes with the same result as byte by byte")
  func needsEscape() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<20_000 {
      let bytes = (0..<random.below(41)).map { _ in
        random.chance(0.95)
          ? UInt8.random(in: 0x23...0x5b, using: &random)
          : UInt8.random(in: 0...255, using: &random)
      }
      let expected = bytes.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }
      #expect(bytes.withUnsafeBufferPointer { JSONText.needsEscape($0) } == expected, "\(bytes)")
    }
  }

  @Test("of a mebibyte are unchanged, without escapes and with escapes only")
  func long() throws {
    let texts = [
      String(repeating: "x", count: 1 << 20), String(repeating: "\u{1}", count: 1 << 19),
      String(repeating: "🧪", count: 1 << 18),
    ]
    let rows = try stored(texts)
    #expect(try rows.map { try $0.json["text"] as? String } == texts)
  }

  @Test("have U+FFFD in place of U+0000, which PostgreSQL refuses")
  func nul() throws {
    let rows = try rows(service: "se\0rvice", hostname: "ho\0st", environment: "\0") { client in
      client.track(.custom(DynamicEvent(type: "ty\0pe", fields: ["ke\0y": ["va\0lue"]])))
    }
    let row = try #require(rows.first)
    #expect(row.type == "ty\u{FFFD}pe")
    #expect(row.service == "se\u{FFFD}rvice")
    #expect(row.hostname == "ho\u{FFFD}st")
    #expect(row.environment == "\u{FFFD}")
    #expect(try row.json == ["ke\u{FFFD}y": ["va\u{FFFD}lue"]] as NSDictionary)
  }

  @Test("may contain a byte order mark like any other character")
  func byteOrderMark() throws {
    let text = "\u{FEFF}a\"\u{FEFF}"
    let data = try #require(try stored([text]).first).data
    #expect(data == Array("{\"text\":\"\u{FEFF}a\\\"\u{FEFF}\"}".utf8))
  }

  @Test("bridged from another encoding are stored as UTF-8")
  func bridged() throws {
    let bridged = NSMutableString(string: "naïve 日本語 \"quoted\"") as String
    #expect(try stored([bridged])[0].json["text"] as? String == "naïve 日本語 \"quoted\"")
  }

  @Test("contain whole numbers as Swift writes them")
  func integers() throws {
    var random = SeededGenerator.printingSeed()
    var values: [Int64] = [.min, .max, 0]
    var power: Int64 = 1
    for _ in 0..<19 {
      values += [power - 1, power, power + 1, -power, 1 - power]
      power = power.multipliedReportingOverflow(by: 10).partialValue
    }
    values += (0..<5000).map { _ in Int64(bitPattern: random.next()) >> Int64(random.below(64)) }
    for value in values {
      let text = withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { memory in
        let length = JSONText.write(value, at: memory.baseAddress!)
        return String(decoding: UnsafeRawBufferPointer(memory).prefix(length), as: UTF8.self)
      }
      #expect(text == String(value))
    }
  }
}

@Suite("Names in rows")
struct RowNameTests {
  private func outcome(type: String, service: String? = nil) throws -> DropReason? {
    let client = try AnalyticsClient(.testingRows, sink: UnusedSink())
    return client.track(.custom(DynamicEvent(type: type, service: service)))
  }

  @Test("have 1 to 100 bytes, or the event is invalid", arguments: [0, 1, 50, 100, 101, 1000])
  func lengths(length: Int) throws {
    let name = String(repeating: "n", count: length)
    let expected: DropReason? = (1...100).contains(length) ? nil : .invalid
    #expect(try outcome(type: name) == expected)
    #expect(try outcome(type: "t", service: name) == expected)
  }

  @Test("are measured in bytes of their stored form")
  func bytes() throws {
    #expect(try outcome(type: String(repeating: "é", count: 50)) == nil)
    #expect(try outcome(type: String(repeating: "é", count: 51)) == .invalid)
    #expect(try outcome(type: String(repeating: "\0", count: 33)) == nil)
    #expect(try outcome(type: String(repeating: "\0", count: 34)) == .invalid)
  }

  @Test("of an imported origin have the same limits", arguments: [0, 1, 100, 101])
  func origin(length: Int) async throws {
    let client = try AnalyticsClient(.testingRows, sink: UnusedSink())
    let origin = try #require(
      client.origin(
        service: String(repeating: "n", count: length), hostname: nil, environment: nil))
    let outcome = try await client.record(
      .projectUpdated(projectID: UUID(), userID: UUID()),
      at: EventTimestamp(microsecondsSincePostgresEpoch: 0), id: UUID(), from: origin)
    #expect(outcome == ((1...100).contains(length) ? nil : .invalid))
  }

  @Test("distinguish an empty hostname from a missing one", arguments: ["", nil, "h"] as [String?])
  func hostname(hostname: String?) throws {
    let rows = try rows(hostname: hostname, environment: hostname) {
      $0.track(.projectUpdated(projectID: UUID(), userID: UUID()))
    }
    #expect(rows[0].hostname == hostname)
    #expect(rows[0].environment == hostname)
  }

  @Test(
    "an event whose time no calendar can write is invalid, and causes no crash",
    arguments: [
      Int64.min, .max, .min + 946_684_799_999_999, -62_135_596_800_000_001, 253_402_300_800_000_000,
    ])
  func times(microseconds: Int64) throws {
    let client = try AnalyticsClient(.testingRows, sink: UnusedSink())
    let time = EventTimestamp(microsecondsSinceUnixEpoch: microseconds)
    #expect(
      client.track(.projectUpdated(projectID: UUID(), userID: UUID()), at: time) == .invalid)
    #expect(client.accounting.dropped == [.invalid: 1])
  }
}

extension AnalyticsConfiguration {
  static var testingRows: AnalyticsConfiguration {
    AnalyticsConfiguration(service: "test", buffer: .memory())
  }
}
