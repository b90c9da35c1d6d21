internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The pickers of a page: its range, and where events come from. They have what the address says, be it right or
/// wrong: whoever mistyped something finds it again.
///
/// Forms that work as they are; the script sends one when something is chosen from a list with the pointer. Browsers are told not to
/// fill them in: a page that one comes back to would show what was chosen on the way out.
struct RangeForm {
  /// The page.
  var path: String
  var query: QueryItems
  /// Stands in for what the address does not say.
  var range: DashboardRange
  /// From which to choose; `nil` for pages whose figures are of all services and environments.
  var origins: DashboardFacts.Origins?
  /// What the address says besides, and pickers leave alone.
  var kept: [(String, String)]
  var problem: Problem?

  var html: HTML {
    """
    <div class="pickers"><div>\(origins.map(origin))\(presets)</div>
    <form class="range" action="\(path)" autocomplete="off">\
    \(Self.hidden(kept + query.said(["service", "environment"])))
    \(bound("from", "From", day(of: range.from)))
    \(bound("to", "up to", day(of: range.to, isEnd: true)))
    \(pieces)
    <label><span class="hidden">Time zone</span><input name="tz" list="zones" size="16" \
    value="\(query.said("tz") ?? range.zoneName)"\(mark("tz"))></label>
    <button>Show</button></form>\(Self.zones)</div>
    """
  }

  private func mark(_ field: String) -> HTML? { problem?.mark(field) }

  /// Then another one stands in for it, which nobody has chosen.
  private var isRangeWrong: Bool {
    ["range", "from", "to", "by"].contains { problem?.parameter == $0 }
  }

  static func hidden(_ items: [(String, String)]) -> [HTML] {
    items.map { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" }
  }

  // MARK: - Time

  private var presets: HTML {
    let links: [HTML] = DashboardRange.Preset.allCases.map { preset in
      let link = Link.to(path, [("range", preset.rawValue)] + range.kept + kept)
      let isCurrent = preset == range.preset && !isRangeWrong
      let current: HTML = isCurrent ? " aria-current=\"true\"" : ""
      return "<a href=\"\(link)\"\(current)>\(preset.label)</a>"
    }
    return """
      <div class="presets" role="group" aria-label="Range"\(mark("range"))>\(links)</div>
      """
  }

  private func bound(_ name: String, _ label: String, _ standard: String) -> HTML {
    let value = query.said(name) ?? standard
    // A picker of dates would show nothing in place of an instant, and of what is no date.
    let type = LocalDay(value) == nil ? "text" : "date"
    return """
      <label>\(label) <input type="\(type)" name="\(name)" value="\(value)" required\(mark(name))></label>
      """
  }

  /// The end itself is excluded: of a range that ends within a day, it is the day after.
  private func day(of bound: String, isEnd: Bool = false) -> String {
    guard LocalDay(bound) == nil, let microseconds = RFC3339.microseconds(bound) else {
      return bound
    }
    let instant = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    return isEnd
      ? LocalDay(instant.addingTimeInterval(-1), in: range.zone).adding(days: 1).text
      : LocalDay(instant, in: range.zone).text
  }

  private var pieces: HTML {
    let known = [Granularity.hour, .day, .week, .month].map(\.rawValue)
    let options = Self.options(known, query.said("by")) { "by \($0)" }
    // Where a length was chosen it is not known here which one fits the range.
    let fitting = range.isGranularityChosen ? "auto" : "auto: by \(range.granularity.rawValue)"
    return """
      <label><span class="hidden">Pieces</span><select name="by"\(mark("by"))>\
      <option value="">\(fitting)</option>\(options)</select></label>
      """
  }

  /// The names that may be typed; made once.
  private static let zones: HTML = {
    let names = TimeZone.knownTimeZoneIdentifiers.filter { $0.has("/") }.sorted()
    let options: [HTML] = (["UTC"] + names).map { "<option value=\"\($0)\"></option>" }
    return "<datalist id=\"zones\">\(options)</datalist>"
  }()

  // MARK: - Origin

  /// Where events come from. A form of its own, so that the range stays what was chosen: the last 24 hours are
  /// no days.
  private func origin(_ origins: DashboardFacts.Origins) -> HTML {
    """
    <form class="range" action="\(path)" autocomplete="off">\
    \(Self.hidden(kept + query.said(["range", "from", "to", "by", "tz"])))\
    \(choice("service", "all services", origins.services))\
    \(choice("environment", "all environments", origins.environments))\
    <button>Show</button></form>
    """
  }

  private func choice(_ name: String, _ all: String, _ values: [String]) -> HTML {
    """
    <label><span class="hidden">\(name)</span><select name="\(name)"\(mark(name))>\
    <option value="">\(all)</option>\(Self.options(values, query.said(name)) { $0 })</select></label>
    """
  }

  /// - Parameter chosen: One of the values, or another.
  private static func options(
    _ values: [String], _ chosen: String?, label: (String) -> String
  ) -> [HTML] {
    let isChosen = { (value: String) in chosen?.isSame(as: value) == true }
    let other = values.contains(where: isChosen) ? nil : chosen
    return (values + [other].compactMap(\.self)).map { value in
      let selected: HTML = isChosen(value) ? " selected" : ""
      return "<option value=\"\(value)\"\(selected)>\(label(value))</option>"
    }
  }
}
