#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What all rows of one client share, encoded beforehand.
///
/// Its values lie in memory of their own, so that a row under way can point to them: counting
/// references to a class for each row would cost a tenth of `track`.
final class RowContext: @unchecked Sendable {
  struct Values {
    /// The service column of events without a service of their own, length included.
    let service: EncodedColumns
    /// The hostname and environment columns, lengths included.
    let origin: EncodedColumns
    let privacy: PrivacyPreset
    let key: PrivacyKey?

    func treatment(of field: FieldPrivacy) -> FieldTreatment {
      privacy.treatment(of: field, hasKey: key != nil)
    }
  }

  /// Valid for as long as this object lives.
  let values: UnsafePointer<Values>

  init(
    service: String, hostname: String?, environment: String?, privacy: PrivacyPreset,
    key: PrivacyKey?
  ) {
    let memory = UnsafeMutablePointer<Values>.allocate(capacity: 1)
    memory.initialize(
      to: Values(
        service: Self.copy(Self.column(service)),
        origin: Self.copy(Self.column(hostname) + Self.column(environment)),
        privacy: privacy, key: key))
    values = UnsafePointer(memory)
  }

  deinit {
    values.pointee.service.start.deallocate()
    values.pointee.origin.start.deallocate()
    let memory = UnsafeMutablePointer(mutating: values)
    memory.deinitialize(count: 1)
    memory.deallocate()
  }

  private static func column(_ text: String?) -> [UInt8] {
    guard let text else { return [0xff, 0xff, 0xff, 0xff] }
    let bytes = Array(text.withoutNUL.utf8)
    return withUnsafeBytes(of: UInt32(bytes.count).bigEndian, Array.init) + bytes
  }

  private static func copy(_ bytes: [UInt8]) -> EncodedColumns {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 8)
    bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    return EncodedColumns(start: memory, count: bytes.count)
  }
}

/// Columns as they stand in a row. Never empty: a column has at least its length.
struct EncodedColumns {
  let start: UnsafeRawPointer
  let count: Int
}

extension String {
  /// PostgreSQL's text cannot hold U+0000; U+FFFD takes its place.
  var withoutNUL: String {
    utf8.contains(0)
      ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
      : self
  }
}
