import AnalyticsText
import Crypto

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// The secret key with which identifiers are hashed before they are stored.
///
/// The same key gives the same hash, so numbers of distinct values stay correct. Without the key,
/// a name cannot be found by hashing candidates. A new key starts new identities.
public struct PrivacyKey: Sendable {
  let key: SymmetricKey

  /// Creates a key from at least 16 bytes; 32 random bytes are recommended.
  ///
  /// - Throws: ``AnalyticsError`` with code ``AnalyticsError/Code/invalidConfiguration`` for fewer
  ///   than 16 bytes.
  public init(bytes: some ContiguousBytes) throws(AnalyticsError) {
    key = SymmetricKey(data: bytes)
    guard key.bitCount >= 128 else {
      throw AnalyticsError(
        .invalidConfiguration,
        "the privacy key has \(key.bitCount / 8) bytes; use at least 16, preferably 32 random ones")
    }
  }

  /// The prefix of a keyed hash, by which a hash is recognised on re-import and not hashed again.
  static let marker = "hmac:"

  /// Returns `hmac:` and 32 hexadecimal digits: the HMAC-SHA256 of the string, truncated to 128
  /// bits.
  func hash(_ text: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    return Self.marker + Hexadecimal.text(code.prefix(16))
  }

  /// Whether a string has exactly the form of a result of ``hash(_:)``. The prefix alone is not
  /// enough, because users can type it.
  static func isHash(_ text: String) -> Bool {
    let utf8 = text.utf8
    return utf8.count == marker.utf8.count + 32 && text.begins(with: marker)
      && utf8.dropFirst(marker.utf8.count).allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      }
  }
}

/// Derives stable UUIDs from an application's own user names or numbers.
struct UserIdentity: Sendable {
  /// The namespace of ids, drawn at random once for this project.
  static let namespace = UUID(
    uuid: (
      0x6f, 0x1d, 0x0c, 0x52, 0x9a, 0x0b, 0x4b, 0x6e,
      0x8f, 0x3b, 0x2c, 0x55, 0x70, 0x1e, 0xd4, 0xa7
    ))

  let key: PrivacyKey?

  /// Returns a UUIDv5 (RFC 9562, SHA-1) without a key. With a key, returns a UUIDv8 derived by
  /// HMAC-SHA256, which cannot be computed without the key.
  func uuid(for name: String) -> UUID {
    let input = withUnsafeBytes(of: Self.namespace.uuid, Array.init) + Array(name.utf8)
    if let key {
      let code = HMAC<SHA256>.authenticationCode(for: input, using: key.key)
      return UUID(first16: Array(code.prefix(16)), version: 8)
    }
    return UUID(first16: Array(Insecure.SHA1.hash(data: input).prefix(16)), version: 5)
  }
}

extension UUID {
  /// Creates a UUID from 16 bytes, and sets version and variant as RFC 9562 requires.
  package init(first16 bytes: [UInt8], version: UInt8) {
    var value = bytes
    value[6] = value[6] & 0x0f | version << 4
    value[8] = value[8] & 0x3f | 0x80
    self = value.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
  }
}
