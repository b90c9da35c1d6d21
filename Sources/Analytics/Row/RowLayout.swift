/// The encoding of an event as one tuple of PostgreSQL's binary COPY format.
///
/// The caller of `track` encodes the row once; afterwards only its bytes are copied. The layout has
/// a version, which is written into every segment, so that older segments stay readable.
///
/// ```
/// int16  8                       number of columns
/// int32 16  id                   uuid
/// int32  8  timestamp            timestamptz, microseconds since 2000-01-01
/// int32  n  event_type           text, at most 100 bytes
/// int32  n  service              text, at most 100 bytes
/// int32 16  user_id              uuid, or −1 for NULL
/// int32  n  hostname             text, or −1
/// int32  n  environment          text, or −1
/// int32  n  data                 jsonb: version byte 1, then the JSON object
/// ```
/// All integers are big-endian. PostgreSQL's manual describes the format under COPY.
public enum RowLayout {
  /// The layout version that this library writes.
  ///
  /// To change the layout, increase the number and let `OrphanedSegment` convert rows of older
  /// layouts. `LayoutTests` keeps segments of every layout.
  public static let version: UInt32 = 1

  /// The layout versions that this library reads.
  static let readable: ClosedRange<UInt32> = 1...version

  /// The names of the columns, in order.
  public static let columns = [
    "id", "timestamp", "event_type", "service", "user_id", "hostname", "environment", "data",
  ]

  /// The largest length of an event type and of a service, in bytes of UTF-8.
  public static let nameBytesMax = 100

  /// The deepest nesting of objects and lists in a field. PostgreSQL reads it with any setting.
  package static let depthMax = 64

  /// The offsets of the id and the timestamp are constant, because these columns have a fixed size.
  static let idOffset = 2 + 4
  static let timestampOffset = idOffset + 16 + 4
  static let fixedBytes = timestampOffset + 8

  /// The smallest size of a row: the fixed part and six lengths.
  static let rowBytesMin = fixedBytes + 6 * 4

  /// Returns the length of the row at the start of `bytes`; `nil` if no whole, well-formed row lies
  /// there.
  ///
  /// Checks every length against the end of `bytes`. Data of a segment must not be used before this
  /// check, because it may be incomplete.
  package static func rowLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= fixedBytes, bytes.bigEndianInt16(at: 0) == columns.count,
      bytes.bigEndianInt32(at: 2) == 16, bytes.bigEndianInt32(at: idOffset + 16) == 8
    else { return nil }
    var offset = fixedBytes
    for column in 2..<columns.count {
      guard offset + 4 <= bytes.count else { return nil }
      let length = Int(bytes.bigEndianInt32(at: offset))
      offset += 4
      if length == -1, (4...6).contains(column) { continue }
      guard length >= 0, length <= bytes.count - offset else { return nil }
      offset += length
    }
    return offset
  }
}

extension UnsafeRawBufferPointer {
  func bigEndianInt16(at offset: Int) -> Int16 {
    Int16(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int16.self))
  }
  func bigEndianInt32(at offset: Int) -> Int32 {
    Int32(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }
  func bigEndianInt64(at offset: Int) -> Int64 {
    Int64(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int64.self))
  }
  func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { .init(rebasing: self[range]) }
}
