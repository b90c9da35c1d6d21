internal import AnalyticsText

/// Makes links: a path of this server with a query.
enum Link {
  static func to(_ path: String, _ query: [(String, String)] = []) -> String {
    guard !query.isEmpty else { return path }
    return path + "?"
      + query.map { "\(URLText.encoded($0.0))=\(URLText.encoded($0.1))" }.joined(separator: "&")
  }

  /// Sorts the parameters by name, so that the same question always has the same URL.
  static func to(_ path: String, _ query: [String: [String]]) -> String {
    to(path, query.sorted { $0.key < $1.key }.flatMap { item in item.value.map { (item.key, $0) } })
  }
}
