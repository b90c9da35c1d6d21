import Testing

@testable import AnalyticsInterchange

/// An input that provides its bytes a few at a time, as a pipe may.
final class Drips: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let stepBytes: Int

  init(_ bytes: [UInt8], stepBytes: Int) {
    rest = bytes[...]
    self.stepBytes = stepBytes
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int {
    let step = rest.prefix(min(stepBytes, buffer.count))
    buffer.copyBytes(from: step)
    rest = rest.dropFirst(step.count)
    return step.count
  }
}

@Suite("Splitting bytes into lines")
struct LineReaderTests {
  /// The lines with their numbers. All sizes of steps must give the same lines.
  private func lines(
    _ text: String, chunkBytes: Int = 4, lineBytesMax: Int = 1000
  ) throws -> [String] {
    var results: Set<[String]> = []
    for step in [1, 2, 3, 5, 1000] {
      let reader = LineReader(
        Drips(Array(text.utf8), stepBytes: step), chunkBytes: chunkBytes,
        lineBytesMax: lineBytesMax)
      var found: [String] = []
      while let line = try reader.next() {
        switch line {
        case .bytes(let bytes):
          found.append("\(reader.number) \(String(decoding: bytes, as: UTF8.self))")
        case .tooLong: found.append("\(reader.number) too long")
        }
      }
      results.insert(found)
    }
    #expect(results.count == 1, "the size of steps does not matter")
    return results.first ?? []
  }

  @Test("lines end with LF, CRLF or the end of the input")
  func lineEnds() throws {
    #expect(try lines("one\ntwo\r\nthree") == ["1 one", "2 two", "3 three"])
    #expect(try lines("one\n") == ["1 one"])
    #expect(try lines("") == [])
  }

  @Test("empty lines are skipped and counted")
  func emptyLines() throws {
    #expect(try lines("\n\r\n  \t\nfour\n\n six \r\n\n") == ["4 four", "6  six"])
  }

  @Test("a byte order mark is dropped at the very beginning only")
  func byteOrderMark() throws {
    #expect(try lines("\u{FEFF}one\n\u{FEFF}two") == ["1 one", "2 \u{FEFF}two"])
    #expect(try lines("\u{FEFF}\r\ntwo") == ["2 two"])
  }

  @Test("a line longer than the limit is one bad line, and the next line is complete")
  func tooLong() throws {
    let long = String(repeating: "x", count: 50)
    let found = try lines("a\n\(long)\nb\n\(long)", lineBytesMax: 20)
    #expect(found == ["1 a", "2 too long", "3 b", "4 too long"])
  }

  @Test("a line as long as the limit is read")
  func longLine() throws {
    let long = String(repeating: "x", count: 900)
    #expect(try lines("\(long)\nb") == ["1 \(long)", "2 b"])
  }
}
