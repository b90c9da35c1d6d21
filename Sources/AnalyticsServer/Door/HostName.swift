/// The name or the address of a host, without its port.
struct HostName: Equatable {
  let text: String

  /// - Parameter authority: As the `Host` header has it: `localhost:8484`, `[::1]:8484`, `::1`.
  init(_ authority: some StringProtocol) {
    var rest = Substring(authority.lowercased())
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      text = String(rest[rest.index(after: rest.startIndex)..<end])
      return
    }
    if let colon = rest.firstIndex(of: ":"), rest[colon...].dropFirst().allSatisfy(\.isNumber) {
      rest = rest[..<colon]
    }
    // The root of all names may be written out.
    text = String(rest.last == "." ? rest.dropLast() : rest)
  }

  /// Whether it means this machine, whoever resolves it.
  var isLoopback: Bool {
    if text == "localhost" || text == "::1" { return true }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
