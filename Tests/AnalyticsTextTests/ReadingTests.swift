import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsText

@Suite("Looking into texts")
struct ReadingTests {
  @Test("separators are found beside whatever joins to them")
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

  @Test("what is only equivalent to a character is not that character")
  func equivalents() {
    #expect(!"a\u{37E}b".has(";"))
    #expect("a\u{37E}b".split(at: ";").count == 1)
    #expect("\u{212A}".asciiLowercased.bytes == "\u{212A}".bytes)
    #expect("BEARER".asciiLowercased == "bearer")
    #expect(!"\u{212A}".begins(with: "K"))
    #expect(!"e\u{301}".isSame(as: "\u{E9}"))
    #expect("e\u{301}" == "\u{E9}", "else these tests would show nothing")
    #expect("0123456789".isDigits)
    for digits in ["", "\u{661}", "1\u{308}", "\u{FF11}", "1\u{00B2}", "-1"] {
      #expect(!digits.isDigits, "\(digits)")
    }
  }

  @Test("exact texts are equal, hashed and ordered as their bytes")
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
    // The same content in another storage: of a slice, and of a string that was bridged or is long.
    let long = String(repeating: "x\u{308}", count: 50)
    #expect(ExactString(String(("a" + long).unicodeScalars.dropFirst())) == ExactString(long))
  }

  @Test("members of a header's list keep their quality")
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
    // Joined to a separator, the neighbour is a part of its own.
    #expect(items("\u{600},gzip") == ["\u{600} 1.0", "gzip 1.0"])
    #expect(items("gzip;\u{308}q=0") == ["gzip 1.0"])
    #expect(items("gzip\u{37E}q=0") == ["gzip\u{37E}q=0 1.0"])
  }

  @Test("an instant is written in the calendar that it is read in, also before 1582")
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

  @Test("an instant has digits from 0 to 9 and no others")
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
