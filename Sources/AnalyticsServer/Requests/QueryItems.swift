internal import AnalyticsText

/// What stands behind the question mark of a URL, or in the body of a form.
package struct QueryItems: Sendable, Equatable {
  /// The values of each name, in their order.
  package private(set) var values: [String: [String]] = [:]

  /// Decodes names and values as HTML forms encode them.
  ///
  /// - Throws: A problem of status 400 that names the parameter, for what is no UTF-8 and for control
  ///   characters: no report has a use for them, and neither a header nor PostgreSQL takes them.
  package init(_ query: String?) throws(Problem) {
    for item in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
      let parts = item.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = URLText.decoded(parts[0]) else {
        throw .invalid("query", "the name of a parameter is not percent-encoded UTF-8")
      }
      guard let value = parts.count > 1 ? URLText.decoded(parts[1]) : "" else {
        throw .invalid(
          name.shortened, "the value is not percent-encoded UTF-8 without control characters")
      }
      values[name, default: []].append(value)
    }
  }

  /// Items that were read before.
  init(_ values: [String: [String]] = [:]) { self.values = values }

  /// As much as can be read of what stands behind the question mark.
  init(readable query: String?) {
    for item in (query ?? "").split(at: "&") {
      guard let items = try? QueryItems(String(item)) else { continue }
      values.merge(items.values, uniquingKeysWith: +)
    }
  }

  /// The first value of a name.
  package subscript(name: String) -> String? { values[name]?.first }

  /// What a field of a form says; `nil` where it is empty.
  func said(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// What some fields of a form say, in their order.
  func said(_ names: [String]) -> [(String, String)] {
    names.compactMap { name in said(name).map { (name, $0) } }
  }

  /// The same without some names.
  func without(_ names: [String]) -> [String: [String]] {
    values.filter { !names.contains($0.key) }
  }
}

extension String {
  /// As an answer quotes what was sent: one line, and not without end.
  var shortened: String { DisplayText.line(self, max: 60) }
}
