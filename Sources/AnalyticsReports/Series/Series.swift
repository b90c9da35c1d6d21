public import Foundation

/// The result of a report: named columns with units, and rows.
public struct Series: Hashable, Sendable {
  /// The report's name.
  public var name: String
  /// The range that the report covers; `nil` if it has none, as for the current state.
  public var range: Range<Date>?
  /// The time zone of its days and hours.
  public var zone: TimeZone
  /// The buckets that rows are about, including buckets without rows; `nil` if rows are about
  /// something else.
  public var frame: TimeFrame?
  /// The buckets of ``frame`` that were incomplete at the time of the read, by their starts.
  public var partial: [Date: TimeFrame.Partial] = [:]
  /// The columns in order. The first one says what a row is about.
  public var columns: [Column]
  /// The rows; each has one value per column.
  public var rows: [[Value]]
  /// The instant up to which the result is complete: nothing before it that was stored by the time
  /// of the read is missing.
  ///
  /// It is the time of the read, or the end of the range if that is earlier. If rollups that were
  /// read have time left to compute, it is the start of the first such stretch. Every report of
  /// this package sets it; it is `nil` if a report of another origin does not.
  public var completeUntil: Date?
  /// Warnings about what is not exact, and why; one line each.
  public var warnings: [String]
  /// How to ask for the rows after the last one; `nil` if there are none, and in reports without
  /// pages.
  public var nextPage: NextPage?

  /// Makes a series.
  public init(
    name: String, range: Range<Date>? = nil, zone: TimeZone = .gmt, columns: [Column],
    rows: [[Value]], completeUntil: Date? = nil, warnings: [String] = []
  ) {
    self.name = name
    self.range = range
    self.zone = zone
    self.columns = columns
    self.rows = rows
    self.completeUntil = completeUntil
    self.warnings = warnings
  }

  /// Makes a series about the buckets of a frame. The first value of each row is the start of its
  /// bucket.
  public init(
    name: String, frame: TimeFrame, columns: [Column], rows: [[Value]], warnings: [String] = []
  ) {
    self.init(
      name: name, range: frame.range, zone: frame.zone, columns: columns, rows: rows,
      warnings: warnings)
    self.frame = frame
  }

  /// Returns why the bucket of a row is incomplete; `nil` if it is complete.
  public func partial(_ row: [Value]) -> TimeFrame.Partial? {
    guard !partial.isEmpty, let start = start(of: row) else { return nil }
    return partial[start]
  }

  /// Returns the start of the bucket that a row is about; `nil` if it is about something else.
  package func start(of row: [Value]) -> Date? { row.first?.instant }

  /// Whether the rows, when rendered, say if their bucket is complete.
  var hasPartialColumn: Bool { frame.map { $0.granularity != .total } ?? false }

  /// A column: its name and the unit of its values.
  public struct Column: Hashable, Sendable {
    /// The name in snake_case, as in JSON and CSV.
    public var name: String
    /// The meaning of its values.
    public var unit: Unit

    /// Makes a column.
    public init(_ name: String, _ unit: Unit) {
      self.name = name
      self.unit = unit
    }
  }

  /// The meaning of the values in a column.
  public enum Unit: Hashable, Sendable {
    /// The start of an hour, a day, … in the report's time zone.
    case time(Granularity)
    /// An instant.
    case instant
    /// A weekday: 1 is Monday, 7 is Sunday.
    case weekday
    /// An hour of the local clock: 0…23.
    case hourOfDay
    /// A text.
    case text
    /// The value of an event property: a text, ``Value/absent`` or ``Value/others``.
    case propertyValue
    /// A number of events.
    case events
    /// A number of distinct users.
    case users
    /// A number of distinct values other than users.
    case distinct
    /// A duration in milliseconds.
    case milliseconds
    /// A duration in seconds.
    case seconds
    /// A quotient, usually from 0 to 1.
    case ratio
    /// A number of days of 24 hours each.
    case days
    /// The number of a period of ``Cohorts``; 0 is the period of the cohort itself, whose figure is
    /// in the column at index 1.
    case period
    /// A number of another kind.
    case number
  }

  /// The request that gives the rows after the last one: the same, with this parameter.
  public struct NextPage: Hashable, Sendable {
    /// The name of the parameter.
    public var parameter: String
    /// The value of the parameter.
    public var value: String

    /// Describes a next page.
    public init(parameter: String, value: String) {
      self.parameter = parameter
      self.value = value
    }
  }
}
