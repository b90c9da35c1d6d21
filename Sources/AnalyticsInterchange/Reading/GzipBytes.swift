import CAnalyticsZlib

/// The decompressed bytes of a gzip file (RFC 1952), with its members one after the other.
///
/// zlib checks the checksum and the length of each member. Zero bytes after the last member are
/// padding, which tapes and `gzip` itself produce; anything else there counts as damage, since
/// events might be missing.
final class GzipBytes: ByteSource {
  private let name: String
  private let source: any ByteSource
  /// The state of zlib, on the heap, since zlib keeps a pointer to it. The state refers to `input`
  /// between calls; both are deallocated together. Output buffers are used only during
  /// ``read(into:)``.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private var state = State.betweenMembers

  private enum State {
    case inMember
    /// Before the first member, or after one.
    case betweenMembers
    case inPadding
    case ended
  }

  private static let chunkBytes = 256 * 1024
  /// The largest window, with gzip's header and trailer in place of zlib's.
  private static let windowBits: CInt = 15 + 16

  /// Takes a source that begins with gzip's magic bytes; `name` is for messages.
  init(_ source: any ByteSource, name: String) throws(InterchangeError) {
    self.source = source
    self.name = name
    input = .allocate(byteCount: Self.chunkBytes, alignment: 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(
      stream, Self.windowBits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      throw InterchangeError(.failed, "cannot decompress \(name): zlib could not start (\(status))")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = uInt(buffer.count)
    while stream.pointee.avail_out == buffer.count, state != .ended {
      if stream.pointee.avail_in == 0, try refill() == 0 {
        guard state != .inMember else {
          throw InterchangeError(
            .damaged, "\(name) ends in the middle of its compressed data; copy it again, whole")
        }
        state = .ended
        break
      }
      switch state {
      case .betweenMembers, .inPadding: try beginMember()
      case .inMember: try inflateSome()
      case .ended: break
      }
    }
    return buffer.count - Int(stream.pointee.avail_out)
  }

  private func refill() throws(InterchangeError) -> Int {
    let count = try source.read(into: input)
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = uInt(count)
    return count
  }

  /// Called with at least one byte of input.
  private func beginMember() throws(InterchangeError) {
    if state == .betweenMembers, stream.pointee.next_in.pointee != 0 {
      // zlib refuses bytes that are not a header.
      state = .inMember
      return
    }
    state = .inPadding
    while stream.pointee.avail_in > 0 {
      guard stream.pointee.next_in.pointee == 0 else { throw damaged }
      stream.pointee.next_in += 1
      stream.pointee.avail_in -= 1
    }
  }

  private func inflateSome() throws(InterchangeError) {
    switch inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR:
      break
    case Z_STREAM_END:
      state = .betweenMembers
      inflateReset(stream)
    default:
      throw damaged
    }
  }

  private var damaged: InterchangeError {
    InterchangeError(
      .damaged, "\(name) is damaged: its compressed data is invalid; copy it again")
  }
}
