/// The row that every event becomes: one tuple of PostgreSQL's binary COPY format.
///
/// A row is encoded once, by the caller of `track`, and from then on only its bytes are moved. The
/// layout has a version, written into every segment, so that an older segment stays readable.
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
/// All integers are big-endian. The format is described in PostgreSQL's manual under COPY.
public enum RowLayout {
  /// The layout that this version writes.
  ///
  /// To change it: raise the number, and have `LeftSegment` rewrite rows of the older layouts when it
  /// reads what was left behind. Segments of each layout there ever was are kept by `LayoutTests`.
  public static let version: UInt32 = 1

  /// The layouts that this version reads.
  static let readable: ClosedRange<UInt32> = 1...version

  /// The columns in their order.
  public static let columns = [
    "id", "timestamp", "event_type", "service", "user_id", "hostname", "environment", "data",
  ]

  /// The longest event type and service, in bytes of UTF-8.
  public static let nameBytesMax = 100

  /// Where the timestamp lies in a row: the two columns before it have a fixed size.
  static let idOffset = 2 + 4
  static let timestampOffset = idOffset + 16 + 4
  static let fixedBytes = timestampOffset + 8

  /// No row is shorter: six lengths behind the fixed part.
  static let rowBytesMin = fixedBytes + 6 * 4

  /// The length of the row at the start of `bytes`, `nil` if no whole, well-formed row lies there.
  ///
  /// A torn tail is recognised here, so nothing read from a segment is believed before this.
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
