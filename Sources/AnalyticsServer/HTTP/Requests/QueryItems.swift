internal import AnalyticsText

/// The parameters in the query of a URL or in the body of a form.
package struct QueryItems: Sendable, Equatable {
  /// The values of each name, in the order in which they were given.
  package private(set) var values: [String: [String]] = [:]

  /// Decodes names and values that are encoded as HTML forms encode them.
  ///
  /// - Throws: A problem of status 400 that names the parameter, if a name or value is not UTF-8 or
  ///   contains control characters. No report has a use for those, and neither headers nor
  ///   PostgreSQL accept them.
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

  /// Creates items from decoded values.
  init(_ values: [String: [String]] = [:]) { self.values = values }

  /// Decodes the items that can be decoded, and leaves out the others.
  init(readable query: String?) {
    for item in (query ?? "").split(at: "&") {
      guard let items = try? QueryItems(String(item)) else { continue }
      values.merge(items.values, uniquingKeysWith: +)
    }
  }

  /// The first value of a name.
  package subscript(name: String) -> String? { values[name]?.first }

  /// The value of a form field; `nil` if it is empty or missing.
  func nonEmptyValue(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }

  /// The form fields of these names that have a value, in this order.
  func nonEmptyValues(_ names: [String]) -> [(String, String)] {
    names.compactMap { name in nonEmptyValue(name).map { (name, $0) } }
  }

  /// The values without those of these names.
  func without(_ names: [String]) -> [String: [String]] {
    values.filter { !names.contains($0.key) }
  }
}

extension String {
  /// The text as an answer quotes it: on one line and of limited length.
  var shortened: String { DisplayText.line(self, max: 60) }
}
