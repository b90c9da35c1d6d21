import AnalyticsGzip

/// The decompressed bytes of a gzip file, with its members one after the other.
final class GzipBytes: ByteSource {
  private let name: String
  private let source: any ByteSource
  private let decompressor: GzipDecompressor

  private static let chunkBytes = 256 * 1024

  /// Takes a source that begins with gzip's magic bytes; `name` is for messages.
  init(_ source: any ByteSource, name: String) throws(InterchangeError) {
    self.source = source
    self.name = name
    do {
      decompressor = try GzipDecompressor(chunkBytes: Self.chunkBytes)
    } catch {
      throw InterchangeError(
        .failed, "cannot decompress \(name): zlib could not start (\(error.status))")
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int {
    while true {
      if let count = try decompress(into: buffer) { return count }
      try decompressor.refill { bytes throws(InterchangeError) in try source.read(into: bytes) }
    }
  }

  private func decompress(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(InterchangeError) -> Int? {
    do {
      return try decompressor.decompress(into: buffer)
    } catch {
      switch error {
      case .truncated:
        throw InterchangeError(
          .damaged, "\(name) ends in the middle of its compressed data; copy it again, whole")
      case .invalid:
        throw InterchangeError(
          .damaged, "\(name) is damaged: its compressed data is invalid; copy it again")
      }
    }
  }
}
