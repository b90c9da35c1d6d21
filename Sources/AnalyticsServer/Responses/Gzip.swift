internal import CAnalyticsZlib
internal import NIOCore

enum Gzip {
  /// The largest window, and gzip's header and trailer, not zlib's.
  private static let windowBits: CInt = 15 + 16
  /// zlib's own default.
  private static let memoryLevel: CInt = 8

  /// Compresses all of it into one member (RFC 1952), at the fastest level: rows of figures repeat
  /// themselves enough for it.
  ///
  /// - Returns: `nil` if zlib has no memory.
  static func compress(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, Z_BEST_SPEED, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var output = ByteBuffer()
    let bound = Int(deflateBound(&stream, uLong(bytes.count)))
    // zlib does not write to its input, whatever the header says.
    stream.next_in = UnsafeMutablePointer(
      mutating: bytes.assumingMemoryBound(to: Bytef.self).baseAddress)
    stream.avail_in = uInt(bytes.count)
    let isWhole = output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
      stream.next_out = space.assumingMemoryBound(to: Bytef.self).baseAddress
      stream.avail_out = uInt(space.count)
      return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
    }
    return isWhole > 0 ? output : nil
  }
}
