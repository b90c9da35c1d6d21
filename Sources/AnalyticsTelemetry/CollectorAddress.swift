internal import AnalyticsConnections
internal import AnalyticsText
internal import Foundation

/// The URL of a collector: HTTPS, or plain HTTP on a loopback address.
struct CollectorAddress: Sendable {
  let text: String

  /// - Throws: ``StoreError/Code/configuration``, with what is wrong with the URL.
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
    // The URL is stored in the database and shown by `status`, so it must not contain credentials.
    guard components.user == nil, components.password == nil else {
      throw StoreError(
        .configuration, "the collector's URL must not contain a user or a password")
    }
    self.text = text
  }
}
