internal import CAnalyticsZlib

/// Compresses bytes into one gzip member (RFC 1952). It must not be used after it has thrown an
/// error.
package final class GzipCompressor {
  /// How much time compression may take.
  package enum Level {
    /// zlib's level 1: enough for text that repeats itself.
    case fastest
    /// zlib's default.
    case balanced

    fileprivate var zlib: CInt { self == .fastest ? Z_BEST_SPEED : Z_DEFAULT_COMPRESSION }
  }

  /// zlib's reason for a failure, such as −4 if it cannot allocate memory.
  package struct Failure: Error {
    package let status: Int32
  }

  /// The state of zlib, on the heap, since zlib keeps a pointer to it. The state refers to the
  /// input only during ``compress(_:to:)``, which consumes all of it, and to `buffer` only within a
  /// step.
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer

  /// The largest window, with gzip's header and trailer in place of zlib's.
  private static let windowBits: CInt = 15 + 16
  /// zlib's default.
  private static let memoryLevel: CInt = 8

  /// - Parameter chunkBytes: The most bytes that are passed on at a time.
  package init(_ level: Level, chunkBytes: Int) throws(Failure) {
    buffer = .allocate(byteCount: chunkBytes, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = deflateInit2_(
      stream, level.zlib, Z_DEFLATED, Self.windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw Failure(status: status) }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  /// Compresses more bytes, and passes on what is ready. `target` must not keep the bytes.
  package func compress(
    _ bytes: UnsafeRawBufferPointer, to target: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    // zlib does not write to its input, although its declaration is not const.
    let start = bytes.assumingMemoryBound(to: Bytef.self).baseAddress
    stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
    stream.pointee.avail_in = uInt(bytes.count)
    while stream.pointee.avail_in > 0 { try step(Z_NO_FLUSH, target) }
  }

  /// Passes on the rest, and ends the member. Called once, after the last bytes.
  package func finish(to target: (UnsafeRawBufferPointer) throws -> Void) throws {
    while try step(Z_FINISH, target) != Z_STREAM_END {}
  }

  @discardableResult
  private func step(
    _ flush: CInt, _ target: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> CInt {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = uInt(buffer.count)
    let status = deflate(stream, flush)
    guard status >= 0 else { throw Failure(status: status) }
    let count = buffer.count - Int(stream.pointee.avail_out)
    try target(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
    return status
  }
}
