internal import CAnalyticsZlib

/// Decompresses gzip members (RFC 1952), one after the other.
///
/// zlib checks the checksum and the length of each member. Zero bytes after the last member are
/// padding, which tapes and `gzip` itself produce; anything else there counts as damage, since data
/// might be missing.
package final class GzipDecompressor {
  /// zlib's reason for not starting, such as −4 if it cannot allocate memory.
  package struct Failure: Error {
    package let status: Int32
  }

  /// What is wrong with the compressed bytes.
  package enum Damage: Error {
    /// They end within a member.
    case truncated
    case invalid
  }

  /// The state of zlib, on the heap, since zlib keeps a pointer to it. The state refers to `input`
  /// between calls; both are deallocated together. Output is written only during
  /// ``decompress(into:)``.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private var state = State.betweenMembers
  private var hasAllInput = false

  private enum State {
    case inMember
    /// Before the first member, or after one.
    case betweenMembers
    case inPadding
  }

  /// The largest window, with gzip's header and trailer in place of zlib's.
  private static let windowBits: CInt = 15 + 16

  /// - Parameter chunkBytes: The most bytes of input that are taken at a time.
  package init(chunkBytes: Int) throws(Failure) {
    input = .allocate(byteCount: chunkBytes, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, Self.windowBits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw Failure(status: status) }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Takes more input. To be called whenever ``decompress(into:)`` has returned `nil`.
  ///
  /// - Parameter read: Fills a buffer with compressed bytes, and returns their number; 0 at the end.
  package func refill<Problem: Error>(
    _ read: (UnsafeMutableRawBufferPointer) throws(Problem) -> Int
  ) throws(Problem) {
    let count = try read(input)
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = uInt(count)
    hasAllInput = count == 0
  }

  /// Writes decompressed bytes to the start of `output`, which has room for at least one.
  ///
  /// - Returns: Their number; 0 at the end, and `nil` if more input is needed.
  package func decompress(into output: UnsafeMutableRawBufferPointer) throws(Damage) -> Int? {
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = uInt(output.count)
    while stream.pointee.avail_out == output.count {
      guard stream.pointee.avail_in > 0 else {
        guard hasAllInput else { return nil }
        guard state != .inMember else { throw Damage.truncated }
        return 0
      }
      switch state {
      case .betweenMembers, .inPadding: try beginMember()
      case .inMember: try inflateSome()
      }
    }
    return output.count - Int(stream.pointee.avail_out)
  }

  /// Called with at least one byte of input.
  private func beginMember() throws(Damage) {
    if state == .betweenMembers, stream.pointee.next_in.pointee != 0 {
      // zlib refuses bytes that are not a header.
      state = .inMember
      return
    }
    state = .inPadding
    while stream.pointee.avail_in > 0 {
      guard stream.pointee.next_in.pointee == 0 else { throw Damage.invalid }
      stream.pointee.next_in += 1
      stream.pointee.avail_in -= 1
    }
  }

  private func inflateSome() throws(Damage) {
    switch inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR:
      break
    case Z_STREAM_END:
      state = .betweenMembers
      inflateReset(stream)
    default:
      throw Damage.invalid
    }
  }
}
