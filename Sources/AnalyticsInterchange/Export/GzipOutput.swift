import AnalyticsGzip

/// Compresses all bytes for an output. Finishing this object finishes the output. After an error it
/// may only be abandoned.
package final class GzipOutput: ByteSink {
  private let target: any ByteSink
  private let compressor: GzipCompressor

  private static let chunkBytes = 256 * 1024

  /// Makes an output that compresses. If zlib cannot start, the target is abandoned.
  package init(_ target: any ByteSink) throws(InterchangeError) {
    self.target = target
    do {
      compressor = try GzipCompressor(.balanced, chunkBytes: Self.chunkBytes)
    } catch {
      target.abandon()
      throw InterchangeError(.failed, "cannot compress: zlib could not start (\(error.status))")
    }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try passingOn { try compressor.compress(bytes, to: target.write) }
  }

  package func finish() throws {
    try passingOn { try compressor.finish(to: target.write) }
    try target.finish()
  }

  package func abandon() { target.abandon() }

  private func passingOn(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let failure as GzipCompressor.Failure {
      throw InterchangeError(.failed, "cannot compress: zlib failed (\(failure.status))")
    }
  }
}
