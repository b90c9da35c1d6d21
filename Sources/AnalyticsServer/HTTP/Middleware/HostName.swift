internal import AnalyticsText

/// A host name or an IP address, without a port.
struct HostName: Equatable {
  /// The name in lower case. Text that cannot be parsed is kept whole, so that it equals no valid
  /// name.
  let text: String

  /// - Parameter authority: A value of the `Host` header, such as `localhost:8484`, `[::1]:8484`,
  ///   `::1`.
  init(_ authority: some StringProtocol) {
    let whole = authority.asciiLowercased
    let name = Self.name(of: whole[...])
    // Remove the trailing dot of a fully qualified name.
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

  /// Whether the name means this machine without any name resolution.
  var isLoopback: Bool {
    if self == HostName("localhost") || self == HostName("::1") { return true }
    let parts = text.split(at: ".", omittingEmpty: false)
    return parts.count == 4 && parts[0].isSame(as: "127")
      && parts.allSatisfy { $0.isDigits && UInt8($0) != nil }
  }
}
