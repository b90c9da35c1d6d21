internal import CAnalyticsZlib
internal import NIOCore

enum Gzip {
  /// The largest window, with gzip's header and trailer in place of zlib's.
  private static let windowBits: CInt = 15 + 16
  /// The default of zlib.
  private static let memoryLevel: CInt = 8

  /// Compresses the bytes into one gzip member (RFC 1952) at the fastest level, which is enough for
  /// rows of figures since they repeat themselves.
  ///
  /// - Returns: `nil` if zlib cannot allocate memory.
  static func compress(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, Z_BEST_SPEED, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return nil }
    defer { deflateEnd(&stream) }
    var output = ByteBuffer()
    let bound = Int(deflateBound(&stream, uLong(bytes.count)))
    // zlib does not write to its input, although its declaration is not const. The stream ends
    // within this call, so no pointer to either buffer outlives it.
    stream.next_in = UnsafeMutablePointer(
      mutating: bytes.assumingMemoryBound(to: Bytef.self).baseAddress)
    stream.avail_in = uInt(bytes.count)
    let count = output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
      stream.next_out = space.assumingMemoryBound(to: Bytef.self).baseAddress
      stream.avail_out = uInt(space.count)
      return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : 0
    }
    return count > 0 ? output : nil
  }
}
