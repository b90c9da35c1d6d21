package import Foundation
internal import AnalyticsText

extension Series {
  /// A row whose values are read by the names of their columns.
  package struct Row: Sendable {
    fileprivate let positions: [ExactString: Int]
    /// The values in the order of the columns.
    package let values: [Value]

    /// The value of a column; ``Series/Value/null`` if there is no such column.
    package subscript(_ column: String) -> Value {
      positions[ExactString(column)].map { values[$0] } ?? .null
    }
  }

  /// The rows, to be read by the names of the columns.
  package var namedRows: [Row] {
    let positions = Dictionary(
      columns.enumerated().map { (ExactString($1.name), $0) },
      uniquingKeysWith: { first, _ in first })
    return rows.map { Row(positions: positions, values: $0) }
  }

  /// The request that gives the rows after the last one: the same, with this parameter.
  public struct NextPage: Hashable, Sendable {
    /// The name of the parameter.
    public var parameter: String
    /// Its value.
    public var value: String

    /// Describes a next page.
    public init(parameter: String, value: String) {
      self.parameter = parameter
      self.value = value
    }
  }
}

extension Series.Value {
  /// The instant; `nil` if the value is none.
  package var instant: Date? { if case .instant(let instant) = self { instant } else { nil } }
  /// The text; `nil` if the value is none.
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The whole number; `nil` if the value is none.
  package var integer: Int? { if case .integer(let number) = self { number } else { nil } }
}
