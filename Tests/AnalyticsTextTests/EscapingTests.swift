import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsText

/// Each format is read back with a reader that compares bytes and was written for this test.
@Suite("Texts within formats")
struct EscapingTests {
  @Test("escaped HTML has no byte that ends a text or an attribute, and reads back as the text")
  func html() {
    for text in JoinedTexts.pairs {
      let escaped = HTMLText.escaped(text)
      #expect(!escaped.utf8.contains { "<>\"'".utf8.contains($0) }, "\(text.debugDescription)")
      // A page contains no other control characters.
      let kept = text.unicodeScalars.map { scalar in
        scalar.value < 32 && scalar != "\n" && scalar != "\t" ? "\u{FFFD}" : scalar
      }
      #expect(Self.unescaped(escaped) == String(String.UnicodeScalarView(kept)).bytes)
    }
  }

  private static func unescaped(_ html: String) -> [UInt8] {
    let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
    var rest = html.bytes[...]
    var result: [UInt8] = []
    while let byte = rest.first {
      if byte == UInt8(ascii: "&"),
        let entity = entities.first(where: { rest.starts(with: $0.key.utf8) })
      {
        result += entity.value.utf8
        rest = rest.dropFirst(entity.key.utf8.count)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  @Test("a cell of CSV is one cell, as RFC 4180 reads it")
  func csv() {
    for text in JoinedTexts.pairs {
      let row = [text, "next", text].map(CSVText.field).joined(separator: ",") + "\r\n"
      #expect(
        CSVReader.rows(row.bytes) == [[text.bytes, "next".bytes, text.bytes]],
        "\(text.debugDescription)")
    }
  }

  @Test("a shell reads the words of a quoted command unchanged")
  func shell() throws {
    let texts = JoinedTexts.pairs.filter { !$0.utf8.contains(0) } + ["", "$(x) `x` \\ * ~ ; \n"]
    let line = ShellText.line(["printf", "%s\\0"] + texts)
    #expect(line.hasPrefix("printf '%s\\0' "))
    let shell = try ChildProcess.run("/bin/sh", ["-c", line])
    let words = shell.output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
    #expect(words.map { Array($0) } == texts.map(\.bytes))
    #expect(ShellText.line(["analytics", "--at", "a=1.0"]) == "analytics --at a=1.0")
  }

  @Test("a JSON string reads back as its bytes, printable or not")
  func json() throws {
    for text in JoinedTexts.pairs + ["\u{E0001}", "\u{10FFFF}"] {
      var bytes: [UInt8] = []
      JSONString.append(text.utf8, to: &bytes)
      let json = String(decoding: bytes, as: UTF8.self)
      for form in [json, JSONString.printable(json)] {
        let value = try JSONSerialization.jsonObject(
          with: Data(form.utf8), options: .fragmentsAllowed)
        #expect((value as? String)?.bytes == text.bytes, "\(text.debugDescription)")
      }
      #expect(!JSONString.printable(json).unicodeScalars.contains(where: DisplayText.isUnseen))
    }
  }

  @Test("a label of Prometheus ends at its own quote, and is one line")
  func prometheus() {
    for text in JoinedTexts.pairs {
      let escaped = PrometheusText.label(text)
      #expect(!escaped.utf8.contains(UInt8(ascii: "\n")))
      #expect(
        Self.unescapedLabel(escaped.bytes + "\"rest".utf8) == text.bytes, "\(text.debugDescription)"
      )
    }
  }

  /// Reads up to the first quote without a backslash before it.
  private static func unescapedLabel(_ bytes: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return result
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst() else { return nil }
        result.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
      default: result.append(byte)
      }
    }
    return nil
  }

  @Test("a line for a terminal has no control or format characters, and is cut at the given length")
  func display() {
    for text in JoinedTexts.pairs {
      let line = DisplayText.line(text)
      // CR and LF together count as one line end.
      let scalars = zip(text.unicodeScalars, [" "] + text.unicodeScalars)
        .filter { $0 != ("\n", "\r") }.map(\.0)
      #expect(line.unicodeScalars.count == scalars.count)
      for (shown, scalar) in zip(line.unicodeScalars, scalars) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: #expect(shown == "·")
        default: #expect(shown == scalar)
        }
      }
      #expect(
        DisplayText.lines(text).unicodeScalars.allSatisfy {
          $0 == "\n" || !DisplayText.isUnseen($0)
        })
    }
    let oneCharacter = "a" + String(repeating: "\u{308}", count: 100_000)
    #expect(DisplayText.line(oneCharacter, max: 60).unicodeScalars.count == 61)
  }

  @Test("percent-encoded text is plain ASCII, and reads back as its bytes")
  func url() {
    for text in JoinedTexts.pairs {
      let encoded = URLText.encoded(text)
      #expect(
        encoded.utf8.allSatisfy {
          $0.isDigit
            || "%-_.~:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8.contains($0)
        })
      let hasControl = text.utf8.contains { $0 < 32 || $0 == 127 }
      #expect(URLText.decoded(encoded.utf8)?.bytes == (hasControl ? nil : text.bytes))
    }
    for wrong in ["%", "%4", "%zz", "%\u{0661}1", "%ff", "a%00"] {
      #expect(URLText.decoded(wrong.utf8) == nil, "\(wrong)")
    }
    #expect(URLText.decoded("a+b%2B".utf8) == "a b+")
    #expect(URLText.ascii("/a?b=%C3%BC+&c=\u{FC} '\"#d") == "/a?b=%C3%BC+&c=%C3%BC%20'\"#d")
    for text in JoinedTexts.pairs {
      #expect(URLText.ascii(text).utf8.allSatisfy { (33..<127).contains($0) || $0 == 127 })
    }
  }

  @Test("a text of a million characters takes no longer than a million texts of one")
  func linear() {
    let clock = ContinuousClock()
    for sign in ["<", "\u{200D}", "\u{9B}", "\"", "\r\n", "\u{600}", "a\u{308}"] {
      // Linear time takes a second here. Quadratic time would take an hour.
      let long = String(repeating: sign, count: 1_000_000)
      let time = clock.measure {
        _ = HTMLText.escaped(long)
        _ = JSONString.printable(long)
        _ = DisplayText.lines(long)
        _ = DisplayText.line(long)
        _ = CSVText.field(long)
        _ = PrometheusText.label(long)
        _ = URLText.encoded(long)
        _ = long.split(at: "\n").count
      }
      #expect(time < .seconds(300), "\(sign.debugDescription) \(time)")
    }
  }
}
