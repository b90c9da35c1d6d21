import CAnalyticsZlib

/// Compresses all bytes into one gzip member (RFC 1952). Must not be used after it has thrown an
/// error.
package final class GzipOutput: ByteSink {
  private let target: any ByteSink
  /// On the heap, since zlib keeps a pointer to it. It refers to the input only during
  /// ``write(_:)``, which consumes all of it.
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer

  private static let bufferBytes = 256 * 1024
  /// The largest window, with gzip's header and trailer in place of zlib's.
  private static let windowBits: CInt = 15 + 16
  /// The default of zlib.
  private static let memoryLevel: CInt = 8

  package init(_ target: any ByteSink) throws(InterchangeError) {
    self.target = target
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.windowBits, Self.memoryLevel,
      Z_DEFAULT_STRATEGY, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw InterchangeError(.cannotWrite, "cannot compress: zlib could not start (\(status))")
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    // zlib does not write to its input, although its declaration is not const.
    let start = bytes.assumingMemoryBound(to: Bytef.self).baseAddress
    stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    stream.pointee.avail_in = uInt(bytes.count)
    while stream.pointee.avail_in > 0 { try step(Z_NO_FLUSH) }
  }

  package func finish() throws {
    while try step(Z_FINISH) != Z_STREAM_END {}
    try target.finish()
  }

  @discardableResult
  private func step(_ flush: CInt) throws -> CInt {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = uInt(buffer.count)
    let status = deflate(stream, flush)
    guard status >= 0 else { throw InterchangeError(.cannotWrite, "cannot compress: zlib failed (\(status))") }
    let count = buffer.count - Int(stream.pointee.avail_out)
    try target.write(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
    return status
  }
}
