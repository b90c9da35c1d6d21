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
    var service: EncodedColumns
    /// The user of events without a user of their own: in a client's own context nobody.
    var user: UUID?
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
        service: EncodedColumns(service),
        origin: EncodedColumns(hostname, environment),
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

}

/// Columns as they stand in a row. Never empty: a column has at least its length.
struct EncodedColumns {
  let start: UnsafeRawPointer
  let count: Int

  /// Encodes texts into memory that the caller frees.
  init(_ texts: String?...) {
    let bytes = texts.flatMap { text -> [UInt8] in
      guard let text else { return [0xff, 0xff, 0xff, 0xff] }
      let bytes = Array(text.withoutNUL.utf8)
      return withUnsafeBytes(of: UInt32(bytes.count).bigEndian, Array.init) + bytes
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 8)
    bytes.withUnsafeBytes { memory.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    (start, count) = (UnsafeRawPointer(memory), bytes.count)
  }
}

extension String {
  /// PostgreSQL's text cannot hold U+0000; U+FFFD takes its place.
  var withoutNUL: String {
    utf8.contains(0)
      ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
      : self
  }
}
