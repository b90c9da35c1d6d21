import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsText

@Suite("Looking into texts")
struct ReadingTests {
  @Test("separators are found next to any scalar that joins with them")
  func separators() {
    for special in JoinedTexts.specials {
      for joiner in JoinedTexts.joiners where joiner != special {
        let text = "\(joiner)\(special)z\(special)\(joiner)"
        let parts = text.split(at: special, omittingEmpty: false)
        #expect(parts.map(\.bytes) == ["\(joiner)", "z", "\(joiner)"].map(\.bytes))
        #expect(text.has(special))
        #expect(text.has(bytesOf: "\(special)z"))
        #expect("\(special)\(joiner)".begins(with: "\(special)"))
        #expect("\(joiner)\(special)".ends(with: "\(special)"))
        let cut = text.cut(at: special)
        #expect(cut?.head.bytes == "\(joiner)".bytes)
        #expect(cut?.tail.bytes == "z\(special)\(joiner)".bytes)
        #expect(text.replacing(special, by: "").bytes == "\(joiner)z\(joiner)".bytes)
      }
    }
  }

  @Test("a scalar that is only equivalent to a character is not read as that character")
  func equivalents() {
    #expect(!"a\u{37E}b".has(";"))
    #expect("a\u{37E}b".split(at: ";").count == 1)
    #expect("\u{212A}".asciiLowercased.bytes == "\u{212A}".bytes)
    #expect("BEARER".asciiLowercased == "bearer")
    #expect(!"\u{212A}".begins(with: "K"))
    #expect(!"e\u{301}".isSame(as: "\u{E9}"))
    #expect("e\u{301}" == "\u{E9}", "Swift must compare canonically here")
    #expect("0123456789".isDigits)
    for digits in ["", "\u{661}", "1\u{308}", "\u{FF11}", "1\u{00B2}", "-1"] {
      #expect(!digits.isDigits, "\(digits)")
    }
  }

  @Test("exact texts are compared, hashed and ordered by their bytes")
  func exact() {
    var random = SeededGenerator.printingSeed()
    let texts = JoinedTexts.texts(bytesMax: 20) + JoinedTexts.equivalents
    let keys = Set(texts.map { ExactString($0) })
    #expect(keys.count == Set(texts.map(\.bytes)).count)
    for _ in 0..<10_000 {
      let (left, right) = (random.pick(texts), random.pick(texts))
      #expect((ExactString(left) == ExactString(right)) == (left.bytes == right.bytes))
      #expect(
        (ExactString(left) < ExactString(right))
          == left.bytes.lexicographicallyPrecedes(right.bytes))
    }
    // The same text in other storage: a slice, a bridged string, and a long string.
    let long = String(repeating: "x\u{308}", count: 50)
    #expect(ExactString(String(("a" + long).unicodeScalars.dropFirst())) == ExactString(long))
  }

  @Test("the members of a header's list are read with their quality")
  func headers() {
    func items(_ header: String?) -> [String] {
      HeaderList(header).items.map { "\($0.value) \($0.quality)" }
    }
    #expect(items(nil) == [])
    #expect(items("gzip;q=0, Text/CSV ; Q=0.5,*/*") == ["gzip 0.0", "text/csv 0.5", "*/* 1.0"])
    for wrong in ["x", "", "-1", "nan", "inf", "0x1", "\u{661}"] {
      #expect(items("gzip;q=\(wrong)") == ["gzip 0.0"], "\(wrong)")
    }
    #expect(items("gzip;q=7") == ["gzip 1.0"])
    // A neighbour that joins with a separator is still a member of its own.
    #expect(items("\u{600},gzip") == ["\u{600} 1.0", "gzip 1.0"])
    #expect(items("gzip;\u{308}q=0") == ["gzip 1.0"])
    #expect(items("gzip\u{37E}q=0") == ["gzip\u{37E}q=0 1.0"])
  }

  @Test("an instant is written in the calendar in which it is read, also before 1582")
  func writtenInstants() {
    for text in [
      "0001-01-01T00:00:00Z", "1582-10-04T23:59:59Z", "1582-10-10T12:00:00Z",
      "1969-12-31T23:59:59Z", "2026-11-20T08:09:10Z", "9999-12-31T23:59:59Z",
    ] {
      let seconds = (RFC3339.microseconds(text) ?? 0) / 1_000_000
      #expect(RFC3339.text(secondsSinceUnixEpoch: seconds) == text)
      #expect(Date(timeIntervalSince1970: Double(seconds) + 0.75).utcText == text)
    }
  }

  @Test("an instant is read only with the digits 0 to 9")
  func instants() {
    #expect(RFC3339.microseconds("1970-01-01T00:00:01.5Z") == 1_500_000)
    for wrong in [
      "2026-11-20T\u{660}\u{668}:\u{660}\u{660}:00Z", "\u{FF12}026-11-20T08:00:00Z",
      "2026-11-20T08:00:00\u{308}Z", "2026-11-20T08:00:00Z\u{308}", "\u{600}2026-11-20T08:00:00Z",
      "2026-11-20T08:00:00.\u{0661}Z", "2026-11-20T08:00:00+0\u{0661}:00",
    ] {
      #expect(RFC3339.microseconds(wrong) == nil, "\(wrong)")
    }
  }
}
