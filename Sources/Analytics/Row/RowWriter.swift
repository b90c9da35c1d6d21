#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Writes a row into memory that the caller owns, and never past its end.
///
/// A write that does not fit sets ``failure`` and writes nothing. After a failure the written bytes
/// are meaningless, and the caller must discard the row. Each value costs one bounds check;
/// appending to `[UInt8]` was measured to be fifteen times slower.
///
/// The caller must keep the memory valid and exclusive for as long as the writer exists.
struct RowWriter: ~Copyable {
  enum Failure {
    /// The memory is too small.
    case full
    /// The event is malformed: its type or service is empty or longer than
    /// ``RowLayout/nameBytesMax``, its time lies outside ``EventTimestamp/supportedRange``, a
    /// duration is negative, a column's value is invalid, or JSON is nested too deep.
    case invalid
  }

  private(set) var cursor: UnsafeMutableRawPointer
  private let limit: UnsafeMutableRawPointer
  private(set) var failure: Failure?

  init(_ memory: UnsafeMutableRawBufferPointer) {
    // Callers never pass an empty buffer: it always lies in mapped memory.
    cursor = memory.baseAddress.unsafelyUnwrapped
    limit = cursor + memory.count
  }

  @inline(__always)
  private mutating func reserve(_ count: Int) -> Bool {
    if limit - cursor >= count { return failure == nil }
    if failure == nil { failure = .full }
    return false
  }

  /// Marks the row as invalid.
  mutating func refuse() {
    if failure == nil { failure = .invalid }
  }

  @inline(__always)
  mutating func raw<Value: BitwiseCopyable>(_ value: Value) {
    guard reserve(MemoryLayout<Value>.size) else { return }
    JSONText.store(value, cursor)
    cursor += MemoryLayout<Value>.size
  }

  // Takes a pointer and a count, because properties of a raw buffer pointer cost calls into the
  // standard library.
  @inline(__always)
  mutating func bytes(_ source: UnsafeRawPointer, _ count: Int) {
    guard reserve(count) else { return }
    JSONText.copy(source, count, cursor)
    cursor += count
  }

  mutating func ascii(_ text: StaticString) {
    bytes(text.utf8Start, text.utf8CodeUnitCount)
  }
}

// MARK: - Columns

extension RowWriter {
  mutating func null() { raw(Int32(-1).bigEndian) }

  mutating func uuid(_ value: UUID) {
    raw(UInt32(16).bigEndian)
    raw(UUIDBits(value))
  }

  /// Writes the start of a row: the number of columns, the id and the timestamp.
  @inline(__always)
  mutating func start(id: UUIDBits, timestamp: EventTimestamp) {
    guard EventTimestamp.supportedRange.contains(timestamp) else {
      failure = .invalid
      return
    }
    raw(Int16(RowLayout.columns.count).bigEndian)
    raw(UInt32(16).bigEndian)
    raw(id)
    raw(UInt32(8).bigEndian)
    raw(timestamp.microsecondsSincePostgresEpoch.bigEndian)
  }

  /// Writes an event type or a service.
  mutating func text(_ name: StaticString) {
    let count = name.utf8CodeUnitCount
    guard checkName(count) else { return }
    raw(UInt32(count).bigEndian)
    ascii(name)
  }

  mutating func text(_ name: String) {
    guard checkName(name.utf8.count) else { return }
    var clean = name.withoutNUL
    clean.withUTF8 { utf8 in
      guard checkName(utf8.count) else { return }
      raw(UInt32(utf8.count).bigEndian)
      if let start = utf8.baseAddress { bytes(start, utf8.count) }
    }
  }

  /// Writes a service column that was encoded in advance, including its length.
  mutating func name(column: EncodedColumns) {
    guard checkName(column.count - 4) else { return }
    bytes(column.start, column.count)
  }

  private mutating func checkName(_ count: Int) -> Bool {
    if (1...RowLayout.nameBytesMax).contains(count) { return true }
    refuse()
    return false
  }
}

// MARK: - JSON

extension RowWriter {
  /// Writes `,"name":`. ``EventFields`` later replaces the object's first comma with its opening
  /// brace.
  @inline(__always)
  mutating func name(_ name: StaticString) {
    let count = name.utf8CodeUnitCount
    guard reserve(count + 4) else { return }
    JSONText.store(UInt16(littleEndian: 0x222c), cursor)
    JSONText.copy(name.utf8Start, count, cursor + 2)
    JSONText.store(UInt16(littleEndian: 0x3a22), cursor + 2 + count)
    cursor += count + 4
  }

  mutating func quoted(_ text: String) {
    if text.utf8.withContiguousStorageIfAvailable({ quoted($0) }) == nil {
      var native = text
      native.withUTF8 { quoted($0) }
    }
  }

  private mutating func quoted(_ utf8: UnsafeBufferPointer<UInt8>) {
    if JSONText.needsEscape(utf8) { return quotedWithEscapes(utf8) }
    guard reserve(utf8.count + 2) else { return }
    cursor.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    if let base = utf8.baseAddress { JSONText.copy(base, utf8.count, cursor + 1) }
    (cursor + 1 + utf8.count).storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    cursor += utf8.count + 2
  }

  private mutating func quotedWithEscapes(_ utf8: UnsafeBufferPointer<UInt8>) {
    raw(UInt8(ascii: "\""))
    for byte in utf8 where failure == nil {
      switch byte {
      case UInt8(ascii: "\""): ascii("\\\"")
      case UInt8(ascii: "\\"): ascii("\\\\")
      case 0x0a: ascii("\\n")
      case 0x0d: ascii("\\r")
      case 0x09: ascii("\\t")
      case 0x00: ascii("\u{FFFD}")
      case 0x01..<0x20:
        ascii("\\u00")
        raw(JSONText.hexadecimalDigits(byte))
      default: raw(byte)
      }
    }
    raw(UInt8(ascii: "\""))
  }

  mutating func quoted(_ value: UUID) {
    guard reserve(38) else { return }
    JSONText.write(UUIDBits(value), quotedAt: cursor)
    cursor += 38
  }

  mutating func decimal(_ value: Int64) {
    guard reserve(20) else { return }
    cursor += JSONText.write(value, at: cursor)
  }

  mutating func double(_ value: Double) {
    guard value.isFinite else { return ascii("null") }
    digits(value.description)
  }

  private mutating func digits(_ text: String) {
    var text = text
    text.withUTF8 { if let start = $0.baseAddress { bytes(start, $0.count) } }
  }

  mutating func json(_ value: JSONValue, depth: Int = 0) {
    switch value {
    case .null: ascii("null")
    case .bool(let flag): ascii(flag ? "true" : "false")
    case .integer(let number): decimal(number)
    case .number(let number): double(number)
    case .exact(let number): digits(number.description)
    case .string(let text): quoted(text)
    case .array where depth == RowLayout.depthMax, .object where depth == RowLayout.depthMax:
      refuse()
    case .array(let items):
      raw(UInt8(ascii: "["))
      for (index, item) in items.enumerated() where failure == nil {
        if index > 0 { raw(UInt8(ascii: ",")) }
        json(item, depth: depth + 1)
      }
      raw(UInt8(ascii: "]"))
    case .object(let fields):
      raw(UInt8(ascii: "{"))
      for (index, field) in fields.enumerated() where failure == nil {
        if index > 0 { raw(UInt8(ascii: ",")) }
        quoted(field.name)
        raw(UInt8(ascii: ":"))
        json(field.value, depth: depth + 1)
      }
      raw(UInt8(ascii: "}"))
    }
  }
}
