#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What all rows of one client share, encoded beforehand.
///
/// A class, so that a row under way can borrow it without counting references.
final class RowContext: Sendable {
  /// The service column of events without a service of their own, length included.
  let service: [UInt8]
  /// The hostname and environment columns, lengths included.
  let origin: [UInt8]
  let privacy: PrivacyPreset
  let key: PrivacyKey?

  init(
    service: String, hostname: String?, environment: String?, privacy: PrivacyPreset,
    key: PrivacyKey?
  ) {
    self.service = Self.column(service)
    origin = Self.column(hostname) + Self.column(environment)
    self.privacy = privacy
    self.key = key
  }

  func treatment(of field: FieldPrivacy) -> FieldTreatment {
    privacy.treatment(of: field, hasKey: key != nil)
  }

  static func column(_ text: String?) -> [UInt8] {
    guard let text else { return [0xff, 0xff, 0xff, 0xff] }
    let bytes = Array(text.withoutNUL.utf8)
    return withUnsafeBytes(of: UInt32(bytes.count).bigEndian, Array.init) + bytes
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
