import AnalyticsTestSupport
import Testing

@testable import AnalyticsInterchange

@Suite("Reading gzip")
struct GzipTests {
  private let text = Array((1...5000).map { "line number \($0)\n" }.joined().utf8)

  /// All bytes of an input that is read in steps of this size.
  private func read(
    _ bytes: [UInt8], stepBytes: Int = 1000, bufferBytes: Int = 777
  ) throws(InterchangeError) -> [UInt8] {
    let source = try PlainOrGzip(Drips(bytes, stepBytes: stepBytes), name: "x.gz")
    var all: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { return all }
      all += buffer.prefix(count)
    }
  }

  private func code(_ bytes: [UInt8]) -> InterchangeError.Code? {
    do {
      _ = try read(bytes)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("uncompressed bytes are passed on unchanged", arguments: [1, 2, 7, 100_000])
  func plain(stepBytes: Int) throws {
    #expect(try read(text, stepBytes: stepBytes) == text)
    #expect(try read([], stepBytes: stepBytes) == [])
    #expect(try read([0x1f], stepBytes: stepBytes) == [0x1f])
  }

  @Test("compressed bytes are decompressed with steps of any size", arguments: [1, 2, 7, 100_000])
  func compressed(stepBytes: Int) throws {
    #expect(try read(gzip(text), stepBytes: stepBytes) == text)
  }

  /// The output of `gzip -9` for the file lines.txt. Its header has the file's name and time.
  private static let fileOfGzip: [UInt8] = [
    0x1f, 0x8b, 0x08, 0x08, 0x00, 0xf1, 0x53, 0x65, 0x02, 0x03, 0x6c, 0x69, 0x6e, 0x65, 0x73, 0x2e,
    0x74, 0x78, 0x74, 0x00, 0x4b, 0x54, 0xc8, 0xc9, 0xcc, 0x4b, 0x55, 0xc8, 0x4f, 0x53, 0x28, 0x49,
    0xad, 0x28, 0xe1, 0x4a, 0x24, 0x85, 0x0b, 0x00, 0xd3, 0xab, 0x4a, 0xd5, 0x3c, 0x00, 0x00, 0x00,
  ]

  @Test("a file that the program gzip made is decompressed", arguments: [1, 7, 100_000])
  func program(stepBytes: Int) throws {
    let lines = String(repeating: "a line of text\n", count: 4)
    #expect(try read(Self.fileOfGzip, stepBytes: stepBytes) == Array(lines.utf8))
  }

  @Test("an empty member contributes no bytes")
  func emptyMember() throws {
    #expect(try read(gzip([])) == [])
  }

  @Test("members follow one another", arguments: [1, 3, 100_000])
  func members(stepBytes: Int) throws {
    let bytes = try gzip(text) + gzip([]) + gzip(Array("and more\n".utf8))
    #expect(try read(bytes, stepBytes: stepBytes) == text + Array("and more\n".utf8))
  }

  @Test("zero bytes at the end are padding, other bytes are damage")
  func padding() throws {
    let member = try gzip(text)
    #expect(try read(member + [UInt8](repeating: 0, count: 3000)) == text)
    #expect(code(member + [0, 0, 1]) == .damaged)
    #expect(code(member + Array("plain".utf8)) == .damaged)
  }

  @Test("a file cut anywhere is damaged")
  func truncated() throws {
    let bytes = try gzip(Array("some few bytes\n".utf8))
    for count in 2..<bytes.count {
      #expect(code(Array(bytes.prefix(count))) == .damaged, "cut after \(count)")
    }
  }

  @Test("a cut second member is damaged as well")
  func truncatedSecondMember() throws {
    let bytes = try gzip(text)
    #expect(code(bytes + bytes.dropLast(1)) == .damaged)
    #expect(code(bytes + bytes.prefix(5)) == .damaged)
  }

  @Test("a wrong checksum is damage")
  func checksum() throws {
    var bytes = try gzip(text)
    bytes[bytes.count - 6] ^= 1
    #expect(code(bytes) == .damaged)
  }

  @Test("the message names the file and what to do")
  func message() throws {
    let cut = Array(try gzip(text).dropLast(9))
    let error = #expect(throws: InterchangeError.self) { try read(cut) }
    #expect(
      error?.description
        == "x.gz ends in the middle of its compressed data; copy it again, whole")
  }
}
