internal import AnalyticsText

/// The name or the address of a host, without its port.
struct HostName: Equatable {
  /// In lower case; what cannot be read as a name or an address stays as it came, and is like no other.
  let text: String

  /// - Parameter authority: As the `Host` header has it: `localhost:8484`, `[::1]:8484`, `::1`.
  init(_ authority: some StringProtocol) {
    let whole = authority.asciiLowercased
    let name = Self.name(of: whole[...])
    // The root of all names may be written out.
    text = String(name.ends(with: ".") ? Substring(name.unicodeScalars.dropLast()) : name)
  }

  private static func name(of authority: Substring) -> Substring {
    if authority.begins(with: "[") {
      guard let (address, port) = authority.dropping("[").cut(at: "]"),
        port.isEmpty || port.begins(with: ":") && port.dropping(":").isDigits
      else { return authority }
      return address
    }
    guard let (name, port) = authority.cut(at: ":"), port.isEmpty || port.isDigits else {
      return authority
    }
    return name
  }

  static func == (left: Self, right: Self) -> Bool { left.text.isSame(as: right.text) }

  /// Whether it means this machine, whoever resolves it.
  var isLoopback: Bool {
    if self == HostName("localhost") || self == HostName("::1") { return true }
    let parts = text.split(at: ".", omittingEmpty: false)
    return parts.count == 4 && parts[0].isSame(as: "127")
      && parts.allSatisfy { $0.isDigits && UInt8($0) != nil }
  }
}
