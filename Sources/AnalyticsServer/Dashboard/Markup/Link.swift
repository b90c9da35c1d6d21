internal import AnalyticsText

/// A path of this server with what stands behind the question mark.
enum Link {
  static func to(_ path: String, _ query: [(String, String)] = []) -> String {
    guard !query.isEmpty else { return path }
    return path + "?"
      + query.map { "\(URLText.encoded($0.0))=\(URLText.encoded($0.1))" }.joined(separator: "&")
  }

  /// In the order of names, so that the same question always has the same address.
  static func to(_ path: String, _ query: [String: [String]]) -> String {
    to(path, query.sorted { $0.key < $1.key }.flatMap { item in item.value.map { (item.key, $0) } })
  }
}
