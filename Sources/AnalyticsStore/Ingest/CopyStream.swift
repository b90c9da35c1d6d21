internal import Analytics
internal import AnalyticsPostgres

/// A batch in PostgreSQL's binary COPY format: header, the rows as they are in memory, trailer.
struct CopyStream: PostgresCopySource {
  let batch: EventBatch

  /// Eleven bytes of signature, four of flags and four of extension length, both zero.
  private static let header =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [UInt8](repeating: 0, count: 8)
  /// A row with −1 columns.
  private static let trailer: [UInt8] = [0xff, 0xff]

  /// The size up to which short chunks are gathered, since each chunk costs a call of libpq and a
  /// protocol message.
  private static let gatheredBytesMax = 16 << 10

  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    var gathered = Self.header
    try batch.forEachChunk { chunk in
      if !gathered.isEmpty, gathered.count + chunk.count > Self.gatheredBytesMax {
        try gathered.withUnsafeBytes(body)
        gathered.removeAll(keepingCapacity: true)
      }
      if chunk.count > Self.gatheredBytesMax {
        try body(chunk)
      } else {
        gathered.append(contentsOf: chunk)
      }
    }
    gathered.append(contentsOf: Self.trailer)
    try gathered.withUnsafeBytes(body)
  }
}
