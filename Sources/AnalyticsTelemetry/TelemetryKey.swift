internal import AnalyticsText
internal import Crypto
internal import Foundation

/// The Ed25519 key that a deployment signs with, derived from its secret. A collector can verify
/// signatures, but not forge them.
struct TelemetryKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// - Parameter secret: The secret of the deployment, 32 bytes.
  init(secret: [UInt8]) throws {
    let derived = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret), info: Data("analytics telemetry".utf8),
      outputByteCount: 32)
    key = try Curve25519.Signing.PrivateKey(
      rawRepresentation: derived.withUnsafeBytes { Data($0) })
  }

  /// The public key in base64.
  var publicKey: String { key.publicKey.rawRepresentation.base64EncodedString() }

  func signature(of document: [UInt8]) throws -> TelemetrySignature {
    TelemetrySignature(bytes: Array(try key.signature(for: document)))
  }
}

/// The Ed25519 signature over the bytes of a document. Its header has the form `ed25519:` and
/// base64.
package struct TelemetrySignature: Sendable, Hashable {
  package static let header = "Analytics-Signature"
  private static let scheme = "ed25519:"

  var bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }

  /// - Returns: `nil` if the text is not a signature.
  package init?(_ text: String) {
    guard text.begins(with: Self.scheme),
      let data = Data(base64Encoded: String(text[...].dropping(Self.scheme))), data.count == 64
    else { return nil }
    bytes = Array(data)
  }

  package var text: String { Self.scheme + Data(bytes).base64EncodedString() }

  /// Returns whether the bytes were signed with the key that the document names.
  package func isValid(for bytes: [UInt8], of document: TelemetryDocument) -> Bool {
    guard let raw = Data(base64Encoded: document.publicKey),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw)
    else { return false }
    return key.isValidSignature(self.bytes, for: bytes)
  }
}
