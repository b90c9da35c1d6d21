#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The values that all rows of one client share, encoded in advance.
///
/// The values lie in manually allocated memory, so that a row being written can point to them:
/// counting references to a class for each row would cost a tenth of `track`.
///
/// `@unchecked Sendable` because of the pointers: the memory is written only in `init` and freed
/// only in `deinit`. Code that uses ``values`` must keep this object alive meanwhile.
final class RowContext: @unchecked Sendable {
  struct Values {
    /// The encoded service column of events that name no service, including its length.
    var service: EncodedColumns
    /// The user of events that name no user. `nil` in a client's own context; set by
    /// `EventFields.withDefaults`.
    var user: UUID?
    /// The encoded hostname and environment columns, including their lengths.
    let origin: EncodedColumns
    let privacy: PrivacyPreset
    let key: PrivacyKey?

    func treatment(of field: FieldPrivacy) -> FieldTreatment {
      privacy.treatment(of: field, hasKey: key != nil)
    }
  }

  /// Valid as long as this object lives.
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

/// Columns as encoded in a row. Never empty: each column has at least its length.
struct EncodedColumns {
  let start: UnsafeRawPointer
  let count: Int

  /// Encodes strings into newly allocated memory, which the caller must deallocate.
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
  /// The string with U+FFFD in place of U+0000, which PostgreSQL's `text` cannot hold.
  var withoutNUL: String {
    utf8.contains(0)
      ? String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
      : self
  }
}
