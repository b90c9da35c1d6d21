internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The range of a page, and the service and environment of its events, as its pickers and its URL
/// give them.
struct DashboardRange: Sendable {
  /// A choice of the range picker.
  enum Preset: String, CaseIterable, Sendable {
    case day = "24h"
    case week = "7d"
    case month = "30d"
    case quarter = "90d"
    case year = "12m"

    var label: String {
      switch self {
      case .day: "24 hours"
      case .week: "7 days"
      case .month: "30 days"
      case .quarter: "90 days"
      case .year: "12 months"
      }
    }

    fileprivate var granularity: Granularity {
      switch self {
      case .day: .hour
      case .week, .month, .quarter: .day
      case .year: .week
      }
    }

    /// The start of the range if it ends with the current hour or day.
    fileprivate func start(_ now: Date, in zone: TimeZone) -> String {
      let today = LocalDay(now, in: zone)
      return switch self {
      case .day: DashboardRange.nextHour(now, in: zone).addingDays(-1).utcText
      case .week: today.adding(days: -6).text
      case .month: today.adding(days: -29).text
      case .quarter: today.adding(days: -89).text
      case .year: today.adding(months: -12).text
      }
    }
  }

  private static func nextHour(_ now: Date, in zone: TimeZone) -> Date {
    (try? TimeFrame(from: now, to: now + 1, by: .hour, in: zone))?.buckets.first?.end ?? now
  }

  /// The exclusive end of a range that lasts until now: the end of the current hour or day. The
  /// range contains no hour that has not begun.
  private static func end(_ now: Date, in zone: TimeZone, by granularity: Granularity) -> String {
    granularity == .hour
      ? nextHour(now, in: zone).utcText : LocalDay(now, in: zone).adding(days: 1).text
  }

  /// `nil` if a person chose the days.
  let preset: Preset?
  private(set) var from: String
  private(set) var to: String
  private(set) var granularity: Granularity
  /// Whether a person chose the granularity.
  let isGranularityChosen: Bool
  let zone: TimeZone
  /// Whether the page's URL names the time zone.
  let isZoneChosen: Bool
  /// The service and the environment whose events count; `nil` for all.
  let service: String?
  let environment: String?
  let now: Date

  /// The parameters in a page's URL.
  static let parameters: [RouteParameter] = [
    .range, RouteParameter("from", "the start of the range, in place of a length", .time),
    RouteParameter(
      "to", "the end of the range, which is excluded; by default the end of this hour or day",
      .time),
    .by, RouteParameter("tz", "the time zone of days and hours; by default the server's"),
    RouteParameter("service", "only events of this service"),
    RouteParameter("environment", "only events in this environment"),
  ]

  /// - Throws: A problem of status 400 that names the parameter.
  init(_ query: QueryItems, zone standard: TimeZone, now: Date) throws(Problem) {
    do {
      let named = query.nonEmptyValue("tz").map { ["tz": [$0]] } ?? [:]
      zone = named.isEmpty ? standard : try ReportParameters(named, now: now).zone()
    } catch {
      throw Problem(error)
    }
    isZoneChosen = query.nonEmptyValue("tz") != nil
    service = query.nonEmptyValue("service")
    environment = query.nonEmptyValue("environment")
    self.now = now
    let by = query.nonEmptyValue("by")
    let chosenGranularity = by.flatMap { Granularity(rawValue: $0) }
    guard by == nil || chosenGranularity != nil, chosenGranularity != .total else {
      throw RouteParameter.by.problem
    }
    isGranularityChosen = by != nil
    if query.nonEmptyValue("from") == nil, query.nonEmptyValue("range") == nil,
      query.nonEmptyValue("to") != nil
    {
      throw .invalid("from", "a range that ends with to begins with from: give both")
    }
    if let from = query.nonEmptyValue("from") {
      preset = nil
      self.from = from
    } else {
      let text = query.nonEmptyValue("range") ?? Preset.month.rawValue
      guard let chosen = Preset(rawValue: text) else {
        throw RouteParameter.range.problem
      }
      preset = chosen
      from = chosen.start(now, in: zone)
    }
    granularity = chosenGranularity ?? preset?.granularity ?? .day
    to = query.nonEmptyValue("to") ?? Self.end(now, in: zone, by: granularity)
    // Checks typed days once for the page, rather than in each panel.
    do {
      if preset == nil, !isGranularityChosen {
        granularity = Self.granularity(for: try timeFrame(by: .total).range)
        if query.nonEmptyValue("to") == nil { to = Self.end(now, in: zone, by: granularity) }
      }
      let frame = try frame()
      if preset != nil { from = Self.text(frame.buckets[0].start, frame) }
    } catch {
      throw Problem(error)
    }
  }

  /// The start of a bucket, from which the bucket is whole: an instant for hours, otherwise a day.
  private static func text(_ start: Date, _ frame: TimeFrame) -> String {
    frame.granularity == .hour ? start.utcText : LocalDay(start, in: frame.zone).text
  }

  /// The granularity for a range whose days were typed. Ranges of up to ten years have some 120
  /// buckets at most.
  private static func granularity(for range: Range<Date>) -> Granularity {
    switch range.upperBound.timeIntervalSince(range.lowerBound) / 86_400 {
    // Two days, even if clocks are set back.
    case ...2.1: .hour
    case ...120: .day
    case ...800: .week
    default: .month
    }
  }

  /// Creates the range of the last 30 days.
  private init(zone: TimeZone, now: Date) {
    preset = .month
    granularity = Preset.month.granularity
    from = Preset.month.start(now, in: zone)
    to = Self.end(now, in: zone, by: granularity)
    isGranularityChosen = false
    self.zone = zone
    isZoneChosen = false
    service = nil
    environment = nil
    self.now = now
  }

  /// A range that can be shown beside a problem: the query as it is, or without the invalid
  /// parameter, or without all parameters of the range, or else the last 30 days.
  static func standIn(
    for query: QueryItems, without name: String?, zone: TimeZone, now: Date
  ) -> DashboardRange {
    for names in [[], [name ?? ""], ["range", "from", "to", "by"]] {
      let query = QueryItems(query.without(names))
      if let range = try? DashboardRange(query, zone: zone, now: now) { return range }
    }
    return DashboardRange(zone: zone, now: now)
  }

  /// The range in the form that reports use.
  func frame() throws(ReportError) -> TimeFrame { try timeFrame(by: granularity) }

  private func timeFrame(by granularity: Granularity) throws(ReportError) -> TimeFrame {
    try ReportParameters(timeParameters(by: granularity), now: now).frame()
  }

  /// The parameters of reports.
  var parameters: [String: [String]] {
    timeParameters(by: granularity).merging(origin.map { ($0.0, [$0.1]) }) { $1 }
  }

  private func timeParameters(by granularity: Granularity) -> [String: [String]] {
    ["from": [from], "to": [to], "by": [granularity.rawValue], "tz": [zoneName]]
  }

  /// The name of the time zone in URLs.
  var zoneName: String { zone.reportName }

  /// The chosen service and environment.
  var origin: [(String, String)] {
    [("service", service), ("environment", environment)].compactMap { name, value in
      value.map { (name, $0) }
    }
  }

  /// The parameters with which a link to another page keeps all choices.
  var query: [(String, String)] { time + origin }

  /// The parameters that stay when another range is chosen.
  var lastingParameters: [(String, String)] { time.filter { $0.0 == "tz" } + origin }

  /// The parameters about time.
  var time: [(String, String)] {
    var items: [(String, String)] = []
    if let preset {
      if preset != .month { items.append(("range", preset.rawValue)) }
    } else {
      items += [("from", from), ("to", to)]
    }
    if isGranularityChosen { items.append(("by", granularity.rawValue)) }
    if isZoneChosen { items.append(("tz", zoneName)) }
    return items
  }
}

extension RouteParameter {
  fileprivate static let range = RouteParameter(
    "range", "the length of a range that ends now; by default 30d",
    .choice(of: DashboardRange.Preset.self))
  fileprivate static let by = RouteParameter(
    "by", "the length of the buckets; by default one that suits the range",
    .choice(["hour", "day", "week", "month"]))
}
