/// A parameter of a report: what it takes and what it does. The bounds of numbers, the help of the
/// command, the messages that refuse a value, and the OpenAPI document follow from it.
public struct ReportParameter: Hashable, Sendable {
  /// The name in snake_case.
  public var name: String
  /// The values that it takes.
  public var kind: Kind
  /// What the parameter does, and its default.
  public var summary: String
  /// Whether it may be given more than once.
  public var isRepeatable: Bool
  /// Whether it must be given.
  public var isRequired: Bool

  /// The values that a parameter takes.
  public enum Kind: Hashable, Sendable {
    /// A text. The associated value says in a word or two what it stands for, such as `name`.
    case text(String)
    /// One of these words.
    case choice([String])
    /// `true` or `false`.
    case flag
    /// A whole number within these bounds.
    case integer(ClosedRange<Int>)
    /// A number above 0 and at most 100.
    case percentile
    /// A day or an instant.
    case time
    /// A UUID.
    case uuid
  }

  /// Describes a parameter.
  public init(
    _ name: String, _ kind: Kind, _ summary: String, isRepeatable: Bool = false,
    isRequired: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.summary = summary
    self.isRepeatable = isRepeatable
    self.isRequired = isRequired
  }
}

extension ReportParameter.Kind {
  /// One of an enumeration's words.
  public static func choice<Word: CaseIterable & RawRepresentable<String>>(of: Word.Type) -> Self {
    .choice(Word.allCases.map(\.rawValue))
  }

  /// The kind in a few words, as help shows it: `day or instant`, `users|events`.
  public var summary: String {
    switch self {
    case .text(let meaning): meaning
    case .choice(let words): words.joined(separator: "|")
    case .flag: "true|false"
    case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
    case .percentile: "number"
    case .time: "day or instant"
    case .uuid: "id"
    }
  }

  /// The condition on values, for the message that refuses one: `must be true or false`.
  package var rule: String {
    switch self {
    case .text: "must be valid"
    case .choice(let words):
      "must be "
        + [words.dropLast().joined(separator: ", "), words.last ?? ""].filter { !$0.isEmpty }
        .joined(separator: " or ")
    case .flag: "must be true or false"
    case .integer(let range):
      "must be a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .percentile: "must be a number above 0 and at most 100, such as 99.9"
    case .time: "must be a day such as 2026-01-31, or an instant such as 2026-01-31T08:00:00Z"
    case .uuid: "must be a UUID"
    }
  }
}

// MARK: - Parameters of many reports

extension ReportParameter {
  /// The start of the range.
  public static let from = ReportParameter(
    "from", .time,
    "the start of the range; by default the start of the day, week, … 30 days before its end")
  /// The end of the range, which is excluded.
  public static let to = ReportParameter(
    "to", .time, "the end of the range, which is excluded; by default the end of today")
  /// The length of the buckets.
  public static let granularity = ReportParameter(
    "by", .choice(of: Granularity.self), "the length of the buckets; by default a day")
  /// The time zone of days and hours.
  public static let zone = ReportParameter(
    "tz", .text("IANA time zone"), "the time zone of days and hours; by default UTC")

  /// The parameters of a range in a time zone.
  public static let range: [ReportParameter] = [.from, .to, .zone]
  /// The parameters of a range in a time zone, divided into buckets.
  public static let frame: [ReportParameter] = [.from, .to, .granularity, .zone]

  static let service = ReportParameter(
    "service", .text("name"), "only events of this service", isRepeatable: true)
  static let environment = ReportParameter(
    "environment", .text("name"), "only events in this environment", isRepeatable: true)
  package static let percentile = ReportParameter(
    "percentile", .percentile, "a percentile to show, such as 99.9", isRepeatable: true)

  static func limit(_ range: ClosedRange<Int>, default standard: Int) -> ReportParameter {
    ReportParameter(
      "limit", .integer(range), "the maximum number of rows; by default \(standard)")
  }
}
