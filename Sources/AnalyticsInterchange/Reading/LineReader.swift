#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Splits bytes into lines, in a buffer that is reused.
///
/// Lines end with LF or CRLF; the last one may also end with the input. Whitespace at the end of a
/// line is removed. Lines that contain nothing else are counted and skipped, and a byte order mark
/// at the very beginning is removed. The buffer has 256 KiB, or up to twice the length of the
/// longest line.
final class LineReader {
  /// A line. Its bytes are in the reader's buffer: they are valid until the next call of
  /// ``LineReader/next()``, and no longer than the reader.
  enum Line {
    case bytes(UnsafeRawBufferPointer)
    /// A line longer than ``LineLimits/lineBytesMax``. Its bytes were discarded.
    case tooLong
  }

  /// The number of the last line, counted from 1.
  private(set) var number = 0

  private let source: any ByteSource
  private let lineBytesMax: Int
  private var buffer: UnsafeMutableRawBufferPointer
  /// Bytes that were read and not yet returned.
  private var pending = 0..<0
  /// The number of pending bytes that are known to contain no line end.
  private var searched = 0
  private var isAtEnd = false

  init(
    _ source: any ByteSource, chunkBytes: Int = 256 * 1024,
    lineBytesMax: Int = LineLimits.lineBytesMax
  ) {
    self.source = source
    self.lineBytesMax = lineBytesMax
    buffer = .allocate(byteCount: chunkBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// Returns the next line that is not empty; `nil` at the end. Invalidates the bytes of the
  /// previous line.
  func next() throws(InterchangeError) -> Line? {
    while true {
      switch try nextRaw() {
      case .bytes(let raw):
        number += 1
        if raw.count > lineBytesMax { return .tooLong }
        let line = trimmed(raw)
        if !line.isEmpty { return .bytes(line) }
      case .tooLong:
        number += 1
        return .tooLong
      case nil:
        return nil
      }
    }
  }

  private func trimmed(_ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var range = 0..<raw.count
    while let last = range.last, raw[last] <= 0x20, isWhitespace(raw[last]) {
      range = range.dropLast()
    }
    if number == 1, raw.starts(with: [0xEF, 0xBB, 0xBF]) {
      range = min(3, range.upperBound)..<range.upperBound
    }
    return UnsafeRawBufferPointer(rebasing: raw[range])
  }

  private func isWhitespace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  private func nextRaw() throws(InterchangeError) -> Line? {
    while true {
      if let end = lineEnd() {
        let line = UnsafeRawBufferPointer(rebasing: buffer[pending.lowerBound..<end])
        pending = end + 1..<pending.upperBound
        searched = 0
        return .bytes(line)
      }
      searched = pending.count
      if isAtEnd {
        guard !pending.isEmpty else { return nil }
        let line = UnsafeRawBufferPointer(rebasing: buffer[pending])
        pending = pending.upperBound..<pending.upperBound
        searched = 0
        return .bytes(line)
      }
      if pending.count > lineBytesMax { return try discardLine() }
      try fill()
    }
  }

  private func lineEnd() -> Int? {
    let from = pending.lowerBound + searched
    guard from < pending.upperBound, let base = buffer.baseAddress,
      let found = memchr(base + from, CInt(UInt8(ascii: "\n")), pending.upperBound - from)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  /// Makes room behind the pending bytes, and reads more.
  private func fill() throws(InterchangeError) {
    if pending.lowerBound > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending]))
      pending = 0..<pending.count
    }
    if pending.count == buffer.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: buffer.count * 2, alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
      buffer.deallocate()
      buffer = larger
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[pending.upperBound...])
    let count = try source.read(into: room)
    if count == 0 { isAtEnd = true }
    pending = pending.lowerBound..<pending.upperBound + count
  }

  /// Discards a line up to its end, a buffer at a time.
  private func discardLine() throws(InterchangeError) -> Line {
    while true {
      if let end = lineEnd() {
        pending = end + 1..<pending.upperBound
        searched = 0
        return .tooLong
      }
      pending = 0..<0
      searched = 0
      if isAtEnd { return .tooLong }
      try fill()
    }
  }
}
