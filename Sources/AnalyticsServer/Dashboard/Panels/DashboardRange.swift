internal import AnalyticsReports
internal import Foundation

/// The time that a page is about, and where its events come from, as its pickers and its address have
/// them.
struct DashboardRange: Sendable {
  /// A choice of the picker.
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

    /// Where it begins, if it ends with the hour or the day of an instant.
    fileprivate func start(_ now: Date, in zone: TimeZone) -> String {
      let today = LocalDay(now, in: zone)
      return switch self {
      case .day: (DashboardRange.nextHour(now, in: zone) - 86_400).utcText
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

  /// The end of the range that goes on until now, itself excluded: the last hour, or the last day, is not over. No hour
  /// has yet to begin.
  private static func end(_ now: Date, in zone: TimeZone, by granularity: Granularity) -> String {
    granularity == .hour
      ? nextHour(now, in: zone).utcText : LocalDay(now, in: zone).adding(days: 1).text
  }

  /// `nil` where somebody chose the days.
  let preset: Preset?
  private(set) var from: String
  private(set) var to: String
  private(set) var granularity: Granularity
  /// Whether somebody chose how long the pieces are.
  let isGranularityChosen: Bool
  let zone: TimeZone
  /// Whether the page's address says the zone.
  let isZoneChosen: Bool
  /// The service and the environment whose events count; `nil` for all.
  let service: String?
  let environment: String?
  let now: Date

  /// What a page's address may say about it.
  static let parameters = [
    RouteParameter(
      "range", "how long, until now; by default 30d", .choice(Preset.allCases.map(\.rawValue))),
    RouteParameter("from", "the first day, in place of range", .time),
    RouteParameter("to", "the end, itself excluded", .time),
    RouteParameter(
      "by", "how long the pieces are", .choice(["hour", "day", "week", "month"])),
    RouteParameter("tz", "the IANA time zone whose days they are"),
    RouteParameter("service", "events of this service only"),
    RouteParameter("environment", "events in this environment only"),
  ]

  /// - Throws: A problem of status 400 that names the parameter.
  init(_ query: QueryItems, zone standard: TimeZone, now: Date) throws(Problem) {
    do {
      let named = query.said("tz").map { ["tz": [$0]] } ?? [:]
      zone = named.isEmpty ? standard : try ReportParameters(named, now: now).zone()
    } catch {
      throw Problem(error)
    }
    isZoneChosen = query.said("tz") != nil
    service = query.said("service")
    environment = query.said("environment")
    self.now = now
    let by = query.said("by")
    let chosenGranularity = by.flatMap { Granularity(rawValue: $0) }
    guard by == nil || chosenGranularity != nil, chosenGranularity != .total else {
      throw .invalid("by", "by is hour, day, week or month")
    }
    isGranularityChosen = by != nil
    if query.said("from") == nil, query.said("range") == nil, query.said("to") != nil {
      throw .invalid("from", "a range that ends with to begins with from: give both")
    }
    if let from = query.said("from") {
      preset = nil
      self.from = from
    } else {
      let text = query.said("range") ?? Preset.month.rawValue
      guard let chosen = Preset(rawValue: text) else {
        let all = Preset.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalid("range", "range is one of \(all)")
      }
      preset = chosen
      from = chosen.start(now, in: zone)
    }
    granularity = chosenGranularity ?? preset?.granularity ?? .day
    to = query.said("to") ?? Self.end(now, in: zone, by: granularity)
    // Whoever types days gets told here, once, what is wrong with them.
    do {
      if preset == nil, !isGranularityChosen {
        granularity = Self.granularity(for: try timeFrame(by: .total).range)
        if query.said("to") == nil { to = Self.end(now, in: zone, by: granularity) }
      }
      let frame = try frame()
      if preset != nil { from = Self.text(frame.buckets[0].start, frame) }
    } catch {
      throw Problem(error)
    }
  }

  /// The start of a piece, so that it is whole: a day, unless pieces are hours.
  private static func text(_ start: Date, _ frame: TimeFrame) -> String {
    frame.granularity == .hour ? start.utcText : LocalDay(start, in: frame.zone).text
  }

  /// How long the pieces of a range are whose days were typed: some hundred of them at most.
  private static func granularity(for range: Range<Date>) -> Granularity {
    switch range.upperBound.timeIntervalSince(range.lowerBound) / 86_400 {
    // Two days, also where clocks go back.
    case ...2.1: .hour
    case ...120: .day
    case ...800: .week
    default: .month
    }
  }

  /// The last 30 days.
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

  /// What stands in for the range where something is wrong: what was said without what is at fault, or without all that
  /// is about the range, whichever can be shown.
  static func standIn(
    for query: QueryItems, without name: String?, zone: TimeZone, now: Date
  ) -> DashboardRange {
    for names in [[], [name ?? ""], ["range", "from", "to", "by"]] {
      let query = QueryItems(query.without(names))
      if let range = try? DashboardRange(query, zone: zone, now: now) { return range }
    }
    return DashboardRange(zone: zone, now: now)
  }

  /// As reports understand it.
  func frame() throws(ReportError) -> TimeFrame { try timeFrame(by: granularity) }

  private func timeFrame(by granularity: Granularity) throws(ReportError) -> TimeFrame {
    try ReportParameters(timeParameters(by: granularity), now: now).frame()
  }

  /// What reports are told.
  var parameters: [String: [String]] {
    timeParameters(by: granularity).merging(origin.map { ($0.0, [$0.1]) }) { $1 }
  }

  private func timeParameters(by granularity: Granularity) -> [String: [String]] {
    ["from": [from], "to": [to], "by": [granularity.rawValue], "tz": [zoneName]]
  }

  /// As an address has it.
  var zoneName: String { zone == .gmt ? "UTC" : zone.identifier }

  /// Where events come from, as far as that is chosen.
  var origin: [(String, String)] {
    [("service", service), ("environment", environment)].compactMap { name, value in
      value.map { (name, $0) }
    }
  }

  /// What a link to another page has to say, so that all of this stays.
  var query: [(String, String)] { time + origin }

  /// What of it stays when another range is chosen.
  var kept: [(String, String)] { time.filter { $0.0 == "tz" } + origin }

  /// What of it is about time.
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

extension Date {
  /// RFC 3339 to the second, in UTC.
  var utcText: String { LocalTime(self, in: .gmt).text }
}
