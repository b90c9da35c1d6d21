import AnalyticsGzip
import AnalyticsTestSupport
import Testing

@Suite("Decompressing gzip")
struct GzipDecompressorTests {
  private let text = Array((1...5000).map { "line number \($0)\n" }.joined().utf8)
  private let fewBytes = Array("some few bytes\n".utf8)

  /// All decompressed bytes of an input that comes in pieces of this size.
  private func decompressed(
    _ bytes: [UInt8], pieceBytes: Int = 1000, outputBytes: Int = 777
  ) throws -> [UInt8] {
    let decompressor = try GzipDecompressor(chunkBytes: pieceBytes)
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: outputBytes, alignment: 1)
    defer { output.deallocate() }
    var left = bytes[...]
    var all: [UInt8] = []
    while true {
      switch try decompressor.decompress(into: output) {
      case nil:
        decompressor.refill { input in
          let piece = left.prefix(input.count)
          input.copyBytes(from: piece)
          left.removeFirst(piece.count)
          return piece.count
        }
      case 0: return all
      case let count?: all += output.prefix(count)
      }
    }
  }

  @Test(
    "returns what was compressed, from pieces of any size and into room of any size",
    arguments: [1, 2, 7, 100_000], [1, 777, 100_000])
  func roundTrip(pieceBytes: Int, outputBytes: Int) throws {
    let compressed = try gzip(text)
    #expect(
      try decompressed(compressed, pieceBytes: pieceBytes, outputBytes: outputBytes) == text)
  }

  @Test("an empty member, and no member at all, have no bytes", arguments: [1, 1000])
  func nothing(pieceBytes: Int) throws {
    #expect(try decompressed(gzip([]), pieceBytes: pieceBytes) == [])
    #expect(try decompressed([], pieceBytes: pieceBytes) == [])
  }

  @Test("members follow one another", arguments: [1, 3, 100_000])
  func members(pieceBytes: Int) throws {
    let compressed = try gzip(text) + gzip([]) + gzip(fewBytes)
    #expect(try decompressed(compressed, pieceBytes: pieceBytes) == text + fewBytes)
  }

  @Test("zero bytes at the end are padding, other bytes are damage", arguments: [1, 1000])
  func padding(pieceBytes: Int) throws {
    let member = try gzip(fewBytes)
    let padded = member + [UInt8](repeating: 0, count: 3000)
    #expect(try decompressed(padded, pieceBytes: pieceBytes) == fewBytes)
    for end in [[0, 0, 1], Array("plain".utf8)] {
      #expect(throws: GzipDecompressor.Damage.invalid) {
        try decompressed(member + end, pieceBytes: pieceBytes)
      }
    }
  }

  @Test("an input that is cut within any member is truncated", arguments: [1, 1000])
  func truncated(pieceBytes: Int) throws {
    let member = try gzip(fewBytes)
    for count in 1..<member.count {
      for before in [[], member] {
        #expect(throws: GzipDecompressor.Damage.truncated, "cut after \(count)") {
          try decompressed(before + member.prefix(count), pieceBytes: pieceBytes)
        }
      }
    }
  }

  @Test("a wrong header, checksum or length is damage", arguments: [1, 1000])
  func wrongFrame(pieceBytes: Int) throws {
    let member = try gzip(fewBytes)
    // Of the header, these are the magic bytes, the method and the flags.
    for index in Array(0..<4) + Array(member.count - 8..<member.count) {
      var wrong = member
      wrong[index] ^= 0xff
      #expect(throws: GzipDecompressor.Damage.invalid, "byte \(index)") {
        try decompressed(wrong, pieceBytes: pieceBytes)
      }
    }
  }

  @Test("no changed byte of the compressed data goes unnoticed", arguments: [1, 1000])
  func wrongData(pieceBytes: Int) throws {
    let member = try gzip(fewBytes)
    for index in 10..<member.count - 8 {
      var wrong = member
      wrong[index] ^= 0xff
      #expect(throws: GzipDecompressor.Damage.self, "byte \(index)") {
        try decompressed(wrong, pieceBytes: pieceBytes)
      }
    }
  }
}
