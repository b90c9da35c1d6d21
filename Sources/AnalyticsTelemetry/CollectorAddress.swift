internal import AnalyticsConnections
internal import AnalyticsText
internal import Foundation

/// Where telemetry is sent to: HTTPS, or plain HTTP on this machine.
struct CollectorAddress: Sendable {
  let text: String

  /// - Throws: ``StoreError`` that says what is wrong with it.
  init(_ text: String) throws(StoreError) {
    guard !text.unicodeScalars.contains(where: DisplayText.isUnseen),
      let components = URLComponents(string: text), let scheme = components.scheme,
      let host = components.host, !host.isEmpty
    else {
      throw StoreError(
        .configuration, "the collector's URL is malformed: expected https://host/telemetry")
    }
    let isLoopback = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(where: host.isSame)
    guard scheme == "https" || (scheme == "http" && isLoopback) else {
      throw StoreError(
        .configuration, "telemetry is sent over HTTPS: begin the collector's URL with https://")
    }
    // It is kept in the database and shown by `status`.
    guard components.user == nil, components.password == nil else {
      throw StoreError(
        .configuration, "the collector's URL has a user or a password; it needs none")
    }
    self.text = text
  }
}
