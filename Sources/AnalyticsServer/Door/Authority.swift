internal import AnalyticsText

/// Whom a request is for, or where a page is from: a host and perhaps a port, as RFC 9112 (3.2) has
/// them in `Host`.
struct Authority {
  let host: HostName
  let port: Int?

  /// `nil` for what is none: nothing, a user before the host, a port that is no number.
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
  /// Letters, digits, and what else RFC 3986 lets a name have.
  fileprivate var isInName: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
      || "-._~%!$&'()*+,;=".utf8.contains(self)
  }

  /// Of an address of IPv6.
  fileprivate var isInAddress: Bool {
    isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
      || self == UInt8(ascii: ":") || self == UInt8(ascii: ".")
  }
}
