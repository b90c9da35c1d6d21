internal import AnalyticsText
internal import Crypto
internal import Foundation

/// An access key as its holder has it: 256 random bits. The database stores only its SHA-256 hash,
/// which is enough to find a key and not enough to guess one.
package struct AccessKey: Sendable {
  package let text: String

  private static let mark = "ank_"
  private static let digits = 43

  /// Creates a key from the system's random numbers.
  package static func random() -> AccessKey {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
    return AccessKey(text: mark + Data(bytes).base64URL)
  }

  /// Reads a key from the text that a client sent; `nil` if it cannot be a key.
  package init?(_ text: some StringProtocol) {
    guard text.begins(with: Self.mark), text.utf8.count == Self.mark.utf8.count + Self.digits,
      text.utf8.allSatisfy(\.isBase64URL)
    else { return nil }
    self.text = String(text)
  }

  private init(text: String) { self.text = text }

  /// The hash under which the database stores the key.
  package var hash: [UInt8] { Array(SHA256.hash(data: Data(text.utf8))) }

  /// The beginning of the key, by which people recognize it in a listing. It reveals 36 of the 256
  /// bits.
  package var prefix: String {
    String(decoding: text.utf8.prefix(Self.mark.utf8.count + 6), as: UTF8.self)
  }
}

extension Data {
  /// Base64url without padding, for URLs, cookies and headers.
  var base64URL: String {
    base64EncodedString().replacing("+", by: "-").replacing("/", by: "_")
      .replacing("=", by: "")
  }
}

extension UInt8 {
  fileprivate var isBase64URL: Bool {
    switch self {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
