internal import AnalyticsText
internal import HTTPTypes
internal import NIOHTTP1

extension HTTPRequestHead {
  /// Refuses requests that this server and a proxy in front of it could interpret differently, and
  /// normalizes the rest: only `Host` names the host, and the target is a path.
  ///
  /// Called before the head is converted to HTTPTypes, in which a second `Host` would be an
  /// ordinary header.
  ///
  /// - Throws: The problem with which the request is refused. The connection is then closed.
  mutating func normalize() throws(Problem) {
    guard method != .CONNECT else { throw Problem(.notImplemented, "CONNECT is not supported") }
    try checkFraming()
    let expected = headers[canonicalForm: "expect"]
    guard expected.allSatisfy({ $0.asciiLowercased == "100-continue" }) else {
      throw Problem(.expectationFailed, "Expect supports only 100-continue")
    }
    try checkHost()
    try takeHostOfTarget()
  }

  private func checkFraming() throws(Problem) {
    guard headers["content-length"].count <= 1 else {
      throw Problem(.badRequest, "there is more than one Content-Length header")
    }
    guard headers.contains(name: "transfer-encoding") else { return }
    guard version == .http1_1, !headers.contains(name: "content-length") else {
      throw Problem(
        .badRequest, "Transfer-Encoding needs HTTP/1.1 and cannot be combined with Content-Length")
    }
    let codings = headers[canonicalForm: "transfer-encoding"].map(\.asciiLowercased)
    guard codings.allSatisfy({ $0 == "chunked" }) else {
      throw Problem(.notImplemented, "the only supported transfer coding is chunked")
    }
    guard codings.count == 1 else {
      throw Problem(.badRequest, "Transfer-Encoding must name chunked once")
    }
  }

  private func checkHost() throws(Problem) {
    let hosts = headers["host"]
    guard hosts.count <= 1 else {
      throw Problem(.badRequest, "there is more than one Host header")
    }
    guard let host = hosts.first else {
      guard version != .http1_1 else { throw Problem(.badRequest, "the Host header is missing") }
      return
    }
    guard Authority(host) != nil else {
      throw Problem(
        .badRequest, "the Host header must be a name or an address, with or without a port")
    }
  }

  /// Replaces `Host` by the host of an absolute target such as `GET http://host/path`, and the
  /// target by its path.
  private mutating func takeHostOfTarget() throws(Problem) {
    if uri.begins(with: "/") || method == .OPTIONS && uri.isSame(as: "*") { return }
    guard let scheme = ["http://", "https://"].first(where: uri.asciiLowercased.begins) else {
      throw Problem(.badRequest, "the target is neither a path nor a URL")
    }
    let rest = uri[...].dropping(scheme)
    let end = rest.utf8.firstIndex { "/?".utf8.contains($0) } ?? rest.endIndex
    guard Authority(rest[..<end]) != nil else {
      throw Problem(.badRequest, "the target is a URL without a valid host")
    }
    headers.replaceOrAdd(name: "Host", value: String(rest[..<end]))
    let path = rest[end...]
    uri = path.begins(with: "/") ? String(path) : "/\(path)"
  }

  /// Whether the connection closes after the response: because the client asks for that, or because
  /// it asks for another protocol, which is not supported.
  var isLast: Bool {
    !isKeepAlive
      || headers.contains(name: "upgrade")
        && headers[canonicalForm: "connection"].contains { $0.asciiLowercased == "upgrade" }
  }

  /// Whether the client waits for `100 Continue` before it sends the body.
  var expectsContinue: Bool { version == .http1_1 && headers.contains(name: "expect") }

  /// The declared length of the body; `nil` if there is none.
  var bodyLength: Int? { headers.first(name: "content-length").flatMap { Int($0) } }
}
