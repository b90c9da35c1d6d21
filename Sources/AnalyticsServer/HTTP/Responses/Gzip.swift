internal import AnalyticsGzip
internal import NIOCore

enum Gzip {
  /// Compresses the bytes at the fastest level, which is enough for rows of figures since they
  /// repeat themselves.
  ///
  /// - Returns: `nil` if zlib cannot allocate memory.
  static func compress(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
    var output = ByteBuffer()
    do {
      let compressor = try GzipCompressor(.fastest, chunkBytes: min(bytes.count, 64 * 1024) + 64)
      try compressor.compress(bytes) { output.writeBytes($0) }
      try compressor.finish { output.writeBytes($0) }
      return output
    } catch {
      return nil
    }
  }
}
