internal import AnalyticsGzip

/// The bytes as one gzip member.
package func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
  let compressor = try GzipCompressor(.balanced, chunkBytes: 64 * 1024)
  var compressed: [UInt8] = []
  try bytes.withUnsafeBytes { bytes in
    try compressor.compress(bytes) { compressed.append(contentsOf: $0) }
  }
  try compressor.finish { compressed.append(contentsOf: $0) }
  return compressed
}
