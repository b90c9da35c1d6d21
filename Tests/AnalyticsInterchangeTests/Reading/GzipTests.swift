import CAnalyticsZlib
import Testing

@testable import AnalyticsInterchange

@Suite("Reading gzip")
struct GzipTests {
  private let text = Array((1...5000).map { "line number \($0)\n" }.joined().utf8)

  /// All bytes of an input that comes in steps of this size.
  private func read(
    _ bytes: [UInt8], stepBytes: Int = 1000, bufferBytes: Int = 777
  ) throws(CommandError) -> [UInt8] {
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

  private func code(_ bytes: [UInt8]) -> CommandError.Code? {
    do {
      _ = try read(bytes)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("plain bytes pass as they are", arguments: [1, 2, 7, 100_000])
  func plain(stepBytes: Int) throws {
    #expect(try read(text, stepBytes: stepBytes) == text)
    #expect(try read([], stepBytes: stepBytes) == [])
    #expect(try read([0x1f], stepBytes: stepBytes) == [0x1f])
  }

  @Test("compressed bytes are decompressed, whatever the steps", arguments: [1, 2, 7, 100_000])
  func compressed(stepBytes: Int) throws {
    #expect(try read(gzip(text), stepBytes: stepBytes) == text)
  }

  @Test("an empty member gives nothing")
  func emptyMember() throws {
    #expect(try read(gzip([])) == [])
  }

  @Test("members follow one another", arguments: [1, 3, 100_000])
  func members(stepBytes: Int) throws {
    let bytes = gzip(text) + gzip([]) + gzip(Array("and more\n".utf8))
    #expect(try read(bytes, stepBytes: stepBytes) == text + Array("and more\n".utf8))
  }

  @Test("zero bytes at the end are padding, other bytes are damage")
  func padding() throws {
    #expect(try read(gzip(text) + [UInt8](repeating: 0, count: 3000)) == text)
    #expect(code(gzip(text) + [0, 0, 1]) == .damaged)
    #expect(code(gzip(text) + Array("plain".utf8)) == .damaged)
  }

  @Test("a file cut anywhere is damaged")
  func truncated() {
    let bytes = gzip(Array("some few bytes\n".utf8))
    for count in 2..<bytes.count {
      #expect(code(Array(bytes.prefix(count))) == .damaged, "cut after \(count)")
    }
  }

  @Test("a cut second member is damaged as well")
  func truncatedSecondMember() {
    let bytes = gzip(text)
    #expect(code(bytes + bytes.dropLast(1)) == .damaged)
    #expect(code(bytes + bytes.prefix(5)) == .damaged)
  }

  @Test("a wrong checksum is damage")
  func checksum() {
    var bytes = gzip(text)
    bytes[bytes.count - 6] ^= 1
    #expect(code(bytes) == .damaged)
  }

  @Test("the message names the file and what to do")
  func message() {
    #expect(throws: CommandError.self) { try read(gzip(text).dropLast(9)) }
    do {
      _ = try read(gzip(text).dropLast(9))
    } catch {
      #expect(
        error.description
          == "x.gz ends in the middle of its compressed data; copy it again, whole")
    }
  }
}

/// One gzip member.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  var input = bytes
  let status = deflateInit2_(
    &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
    CInt(MemoryLayout<z_stream>.size))
  precondition(status == Z_OK)
  defer { deflateEnd(&stream) }
  var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, uLong(bytes.count))))
  let written = input.withUnsafeMutableBytes { input in
    output.withUnsafeMutableBytes { output in
      stream.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
      stream.avail_in = uInt(input.count)
      stream.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
      stream.avail_out = uInt(output.count)
      precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
      return output.count - Int(stream.avail_out)
    }
  }
  return Array(output.prefix(written))
}
