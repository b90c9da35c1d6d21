internal import Analytics
internal import AnalyticsPostgres

/// A batch as PostgreSQL's binary COPY format: header, the rows in place, trailer.
struct CopyStream: PostgresCopySource {
  let batch: EventBatch

  /// Eleven bytes of signature, then no flags and no extension.
  private static let header =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [UInt8](repeating: 0, count: 8)
  /// A row of −1 columns.
  private static let trailer: [UInt8] = [0xff, 0xff]

  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try Self.header.withUnsafeBytes(body)
    try batch.forEachChunk(body)
    try Self.trailer.withUnsafeBytes(body)
  }
}
