internal import AnalyticsText
internal import HTTPTypes
internal import HummingbirdCore

extension Request {
  /// Refuses state-changing requests that a page of another origin makes a browser send. The
  /// SameSite attribute of a cookie does not prevent them: it considers a page on another port of
  /// this host, or on another host of the same domain, as the same site.
  ///
  /// - Parameters:
  ///   - hostNames: Further names of the server, since a proxy may replace the `Host` that the
  ///     browser used.
  ///   - isTLS: Whether the server itself speaks TLS. If it does not, a proxy in front of it may,
  ///     so origins of either scheme are accepted.
  /// - Throws: A problem of status 403.
  func requireSameOrigin(hostNames: [HostName], isTLS: Bool) throws(Problem) {
    guard changesSomething else { return }
    let site = headers[.secFetchSite]
    let origin = headers[.origin]
    let isSame =
      switch (origin, site) {
      case (nil, nil): true
      // `null`: the browser hides the origin.
      case (nil, let site?), ("null", let site?):
        site.isSame(as: "same-origin") || site.isSame(as: "none")
      case (let origin?, nil): isOwn(origin, hostNames, isTLS)
      case (let origin?, let site?):
        isOwn(origin, hostNames, isTLS) && site.isSame(as: "same-origin")
      }
    guard isSame else {
      throw Problem(.forbidden, "pages of other origins may not send this request")
    }
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
