internal import AnalyticsText
internal import HTTPTypes
internal import HummingbirdCore

extension Request {
  /// Refuses what a page of another origin makes a browser send. A cookie's SameSite does not: to it a
  /// page on another port of this host, or under the same domain, is of the same site.
  ///
  /// - Parameters:
  ///   - hostNames: What else the server is called: a proxy need not pass on the name it was asked by.
  ///   - isTLS: Whether the server speaks TLS itself; in front of one that does not, a proxy may.
  /// - Throws: A problem of status 403.
  func requireSameOrigin(hostNames: [HostName], isTLS: Bool) throws(Problem) {
    guard changesSomething else { return }
    let site = headers[.secFetchSite]
    let origin = headers[.origin]
    let isSame =
      switch (origin, site) {
      case (nil, nil): true
      // `null` is whoever will not say it.
      case (nil, let site?), ("null", let site?):
        site.isSame(as: "same-origin") || site.isSame(as: "none")
      case (let origin?, nil): isOwn(origin, hostNames, isTLS)
      case (let origin?, let site?):
        isOwn(origin, hostNames, isTLS) && site.isSame(as: "same-origin")
      }
    guard isSame else { throw Problem(.forbidden, "a page of another origin may not do this") }
  }

  private var changesSomething: Bool {
    ![.get, .head, .options, .trace, .query].contains(method)
  }

  private func isOwn(_ origin: String, _ hostNames: [HostName], _ isTLS: Bool) -> Bool {
    let isSecure = origin.begins(with: "https://")
    guard isSecure || origin.begins(with: "http://"), isSecure || !isTLS,
      let given = Authority(origin[...].dropping(isSecure ? "https://" : "http://"))
    else { return false }
    if given.port == nil, hostNames.contains(given.host) { return true }
    guard let own = head.authority.flatMap({ Authority($0) }) else { return false }
    let standard = isSecure ? 443 : 80
    return given.host == own.host && (given.port ?? standard) == (own.port ?? standard)
  }
}

extension HTTPField.Name {
  fileprivate static let secFetchSite = Self("Sec-Fetch-Site")!
}
