internal import AnalyticsText
public import Foundation

extension Series {
  /// One value.
  public enum Value: Hashable, Sendable {
    /// An instant, such as the start of a bucket.
    case instant(Date)
    /// A text.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// A number that need not be whole.
    case number(Double)
    /// There is no such figure, as for the average of nothing.
    case null
    /// The events do not have the property.
    case absent
    /// All values of the property that have no row of their own.
    case others

    /// Compares texts by their bytes, as the database does.
    public static func == (left: Self, right: Self) -> Bool {
      switch (left, right) {
      case (.instant(let left), .instant(let right)): left == right
      case (.text(let left), .text(let right)): left.isSame(as: right)
      case (.integer(let left), .integer(let right)): left == right
      case (.number(let left), .number(let right)): left == right
      case (.null, .null), (.absent, .absent), (.others, .others): true
      default: false
      }
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
      switch self {
      case .instant(let date): hasher.combine(date)
      case .text(let text): text.hashBytes(into: &hasher)
      case .integer(let number): hasher.combine(number)
      case .number(let number): hasher.combine(number)
      case .null: hasher.combine(0)
      case .absent: hasher.combine(1)
      case .others: hasher.combine(2)
      }
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
