/// Bytes that may be compressed: decompresses them if the first two are gzip's magic bytes.
///
/// A file's name is not reliable: standard input has none, and a `.gz` may have been decompressed
/// while it was downloaded.
final class PlainOrGzip: ByteSource {
  private let source: any ByteSource

  init(_ source: any ByteSource, name: String) throws(InterchangeError) {
    let head = try PeekedBytes(source, count: 2)
    self.source = head.startsWith([0x1f, 0x8b]) ? try GzipBytes(head, name: name) : head
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int {
    try source.read(into: buffer)
  }
}

/// Returns the bytes that were examined first, and then the rest.
private final class PeekedBytes: ByteSource {
  private let source: any ByteSource
  private var head: [UInt8] = []

  init(_ source: any ByteSource, count: Int) throws(InterchangeError) {
    self.source = source
    var buffer = [UInt8](repeating: 0, count: count)
    // A pipe may deliver one byte at a time.
    while head.count < count {
      let wanted = count - head.count
      let got: Result<Int, InterchangeError> = buffer.withUnsafeMutableBytes { bytes in
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted])
        return Result { () throws(InterchangeError) in try source.read(into: rest) }
      }
      let read = try got.get()
      if read == 0 { break }
      head += buffer.prefix(read)
    }
  }

  func startsWith(_ magic: [UInt8]) -> Bool { head == magic }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int {
    guard !head.isEmpty else { return try source.read(into: buffer) }
    let count = min(head.count, buffer.count)
    buffer.copyBytes(from: head.prefix(count))
    head.removeFirst(count)
    return count
  }
}
