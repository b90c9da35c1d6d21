internal import AnalyticsText
public import Foundation

/// The answer to a report: named columns with their units, and rows.
public struct Series: Hashable, Sendable {
  /// The report's name.
  public var name: String
  /// What time it is about; `nil` for how things are now.
  public var range: Range<Date>?
  /// Whose days and hours they are.
  public var zone: TimeZone
  /// The pieces of time that rows are about, those of which there is no row included; `nil` where rows are about
  /// something else.
  public var frame: TimeFrame?
  /// Of ``frame``, the pieces that were not whole at the time of the read, by their beginnings.
  public var partial: [Date: TimeFrame.Partial] = [:]
  /// The columns in their order; the first one says what a row is about.
  public var columns: [Column]
  /// The rows, each with one value a column.
  public var rows: [[Value]]
  /// Before this instant nothing that was stored by the time of the read is missing: that time itself,
  /// or the range's end if that is earlier, or, while rollups that were read are still to be computed,
  /// where the first such stretch begins.
  ///
  /// Every report of this package says it; `nil` where another does not.
  public var completeUntil: Date?
  /// What is not exact, and why; a line each.
  public var notes: [String]

  /// Makes a series.
  public init(
    name: String, range: Range<Date>? = nil, zone: TimeZone = .gmt, columns: [Column],
    rows: [[Value]], completeUntil: Date? = nil, notes: [String] = []
  ) {
    self.name = name
    self.range = range
    self.zone = zone
    self.columns = columns
    self.rows = rows
    self.completeUntil = completeUntil
    self.notes = notes
  }

  /// Makes a series about the pieces of a frame: the first column of each row has where its piece begins.
  public init(
    name: String, frame: TimeFrame, columns: [Column], rows: [[Value]], notes: [String] = []
  ) {
    self.init(
      name: name, range: frame.range, zone: frame.zone, columns: columns, rows: rows, notes: notes)
    self.frame = frame
  }

  /// Why the piece of time of a row is not whole; `nil` where it is.
  public func partial(_ row: [Value]) -> TimeFrame.Partial? {
    guard !partial.isEmpty, case .instant(let start)? = row.first else { return nil }
    return partial[start]
  }

  /// Whether rows say if their piece of time is whole.
  var tellsPartial: Bool { frame.map { $0.granularity != .total } ?? false }

  /// What a column holds.
  public struct Column: Hashable, Sendable {
    /// In snake_case, as JSON and CSV have it.
    public var name: String
    /// What its values mean.
    public var unit: Unit

    /// Makes a column.
    public init(_ name: String, _ unit: Unit) {
      self.name = name
      self.unit = unit
    }
  }

  /// What the values of a column mean.
  public enum Unit: Hashable, Sendable {
    /// The start of an hour, a day, …: local to the report's time zone.
    case time(Granularity)
    /// An instant.
    case instant
    /// 1 is Monday, 7 is Sunday.
    case weekday
    /// 0…23, by the local clock.
    case hourOfDay
    case text
    /// What events have of a property: a text, ``Value/absent`` or ``Value/others``.
    case propertyValue
    case events
    case users
    /// Distinct values other than users.
    case distinct
    case milliseconds
    case seconds
    /// From 0 to 1.
    case ratio
    /// Of 24 hours each.
    case days
    /// A number of another kind.
    case number
  }

  /// One value.
  public enum Value: Hashable, Sendable {
    case instant(Date)
    case text(String)
    case integer(Int)
    case number(Double)
    /// There is no such figure: the average of nothing.
    case null
    /// The events have no value of the property.
    case absent
    /// All values of the property that have no row of their own.
    case others

    /// Texts are the same if their bytes are, as in the database.
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

    /// Feeds what ``==(_:_:)`` compares to a hasher.
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
