internal import AnalyticsText

/// The host of a request or of a page, with an optional port, as in the `Host` header (RFC 9112,
/// 3.2).
struct Authority {
  let host: HostName
  let port: Int?

  /// Returns `nil` for text that is no authority: it is empty, has user information, or its port is
  /// no number.
  init?(_ text: some StringProtocol) {
    let text = Substring(text)
    let (name, rest): (Substring, Substring)
    if text.begins(with: "[") {
      guard let (address, tail) = text.dropping("[").cut(at: "]"),
        address.utf8.allSatisfy(\.isInAddress)
      else { return nil }
      (name, rest) = (address, tail)
    } else {
      (name, rest) = text.cut(at: ":").map { ($0.head, text[$0.head.endIndex...]) } ?? (text, "")
      guard name.utf8.allSatisfy(\.isInName) else { return nil }
    }
    guard !name.isEmpty else { return nil }
    host = HostName(text)
    if rest.isEmpty || rest.isSame(as: ":") {
      port = nil
    } else {
      guard rest.begins(with: ":"), rest.dropping(":").isDigits,
        let number = UInt16(rest.dropping(":"))
      else { return nil }
      port = Int(number)
    }
  }
}

extension UInt8 {
  /// Whether RFC 3986 permits the byte in a registered name.
  fileprivate var isInName: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
      || "-._~%!$&'()*+,;=".utf8.contains(self)
  }

  /// Whether the byte may be part of an IPv6 address.
  fileprivate var isInAddress: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
      || self == UInt8(ascii: ":") || self == UInt8(ascii: ".")
  }
}
