internal import AnalyticsText
internal import Crypto
internal import Foundation
internal import Hummingbird

/// The content of the sign-in cookie, in place of the key: the key's ID, the expiry, and an
/// HMAC-SHA256 of both under the key's hash.
///
/// The server therefore needs no list of sessions, a stolen cookie does not reveal the key, and
/// revoking a key ends all of its sessions.
struct Session {
  let key: UUID
  let expiry: Date
  private let code: [UInt8]

  /// How long a person stays signed in: 30 days.
  static let lifetime: TimeInterval = 30 * 86_400

  init(_ record: KeyRecord, from now: Date) {
    key = record.id
    expiry = Date(
      timeIntervalSince1970: (now.timeIntervalSince1970 + Self.lifetime).rounded(.down))
    code = Array(
      HMAC<SHA256>.authenticationCode(
        for: Self.message(key, expiry), using: SymmetricKey(data: record.hash)))
  }

  /// Reads ``text``; `nil` if it cannot be read or has expired. The code is not verified yet: see
  /// ``isValid(for:)``.
  init?(_ text: String, now: Date) {
    let parts = text.split(at: ".")
    guard parts.count == 3, let key = UUID(uuidString: String(parts[0])),
      let seconds = Int64(parts[1]), seconds < 1 << 40, let code = Data(base64URL: parts[2])
    else { return nil }
    (self.key, self.code) = (key, Array(code))
    expiry = Date(timeIntervalSince1970: Double(seconds))
    guard now < expiry else { return nil }
  }

  var text: String {
    "\(key.uuidString.lowercased()).\(Int64(expiry.timeIntervalSince1970)).\(Data(code).base64URL)"
  }

  /// Whether the session was made with this key. Compares the codes in constant time.
  func isValid(for record: KeyRecord) -> Bool {
    record.id == key
      && HMAC<SHA256>.isValidAuthenticationCode(
        Data(code), authenticating: Self.message(key, expiry),
        using: SymmetricKey(data: record.hash))
  }

  private static func message(_ key: UUID, _ expiry: Date) -> Data {
    Data("analytics session \(key.uuidString) \(Int64(expiry.timeIntervalSince1970))".utf8)
  }
}

extension Data {
  fileprivate init?(base64URL text: some StringProtocol) {
    let standard = String(text).replacing("-", by: "+").replacing("_", by: "/")
    self.init(
      base64Encoded: standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
  }
}

extension Session {
  /// The cookie's name with TLS and its name without. Browsers accept a cookie with the prefix only
  /// from this exact host.
  static let cookieNames = ["__Host-analytics_session", "analytics_session"]
}

extension Request {
  /// The value of the session cookie, if the request has one. The name with `__Host-` wins if both
  /// come: no other host can have set that cookie.
  ///
  /// Not read by Hummingbird's `Cookies`: they are split at characters, and U+037E is canonically
  /// equal to a semicolon. Another host of the domain could hide a session in its own cookie.
  var sessionCookie: String? {
    let cookies = (headers[.cookie] ?? "").split(at: ";").compactMap { $0.trimmed.cut(at: "=") }
    for name in Session.cookieNames {
      let values = cookies.lazy.filter { $0.head.isSame(as: name) }.map { $0.tail.trimmed }
      if let value = values.first(where: { !$0.isEmpty }) { return String(value) }
    }
    return nil
  }
}
