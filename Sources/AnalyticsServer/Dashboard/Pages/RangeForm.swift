internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// The pickers of a page: its range, and the service and environment of its events. They show the
/// values in the URL even if those are invalid, so that people can correct them.
///
/// The forms work without a script; the script submits a form when the pointer chooses from a list.
/// Browsers are told not to restore the values: a page that one returns to would show what was
/// chosen when leaving it.
struct RangeForm {
  /// The path of the page.
  var path: String
  var query: QueryItems
  /// Provides the values that the URL does not contain.
  var range: DashboardRange
  /// The origins to choose from; `nil` for pages whose figures cover all services and environments.
  var origins: EventFacts.Origins?
  /// Further parameters in the URL, which the forms pass on.
  var passedOnParameters: [(String, String)]
  var problem: Problem?

  var html: HTML {
    """
    <div class="pickers"><div>\(origins.map(origin))\(presets)</div>
    <form class="range" action="\(path)" autocomplete="off">\
    \(Self.hidden(passedOnParameters + query.nonEmptyValues(["service", "environment"])))
    \(bound("from", "From", day(of: range.from)))
    \(bound("to", "up to", day(of: range.to, isEnd: true)))
    \(granularityPicker)
    <label><span class="hidden">Time zone</span><input name="tz" list="zones" size="16" \
    value="\(query.nonEmptyValue("tz") ?? range.zoneName)"\(mark("tz"))></label>
    <button>Show</button></form>\(Self.zones)</div>
    """
  }

  private func mark(_ field: String) -> HTML? { problem?.mark(field) }

  /// Whether a parameter of the range is invalid. ``range`` is then a stand-in that the person did
  /// not choose.
  private var isRangeWrong: Bool {
    ["range", "from", "to", "by"].contains { problem?.parameter == $0 }
  }

  static func hidden(_ items: [(String, String)]) -> [HTML] {
    items.map { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" }
  }

  // MARK: - Time

  private var presets: HTML {
    let links: [HTML] = DashboardRange.Preset.allCases.map { preset in
      let link = Link.to(
        path, [("range", preset.rawValue)] + range.lastingParameters + passedOnParameters)
      let isCurrent = preset == range.preset && !isRangeWrong
      let current: HTML = isCurrent ? " aria-current=\"true\"" : ""
      return "<a href=\"\(link)\"\(current)>\(preset.label)</a>"
    }
    return """
      <div class="presets" role="group" aria-label="Range"\(mark("range"))>\(links)</div>
      """
  }

  private func bound(_ name: String, _ label: String, _ standard: String) -> HTML {
    let value = query.nonEmptyValue(name) ?? standard
    // A date input would show nothing for an instant or for an invalid value.
    let type = LocalDay(value) == nil ? "text" : "date"
    return """
      <label>\(label) <input type="\(type)" name="\(name)" value="\(value)" required\(mark(name))></label>
      """
  }

  /// The day of a bound. The end is exclusive: for a range that ends within a day, it is the next
  /// day.
  private func day(of bound: String, isEnd: Bool = false) -> String {
    guard LocalDay(bound) == nil, let microseconds = RFC3339.microseconds(bound) else {
      return bound
    }
    let instant = Date(microsecondsSinceUnixEpoch: microseconds)
    return isEnd
      ? LocalDay(instant.addingTimeInterval(-1), in: range.zone).adding(days: 1).text
      : LocalDay(instant, in: range.zone).text
  }

  private var granularityPicker: HTML {
    let known = [Granularity.hour, .day, .week, .month].map(\.rawValue)
    let options = Self.options(known, query.nonEmptyValue("by")) { "by \($0)" }
    // If a granularity was chosen, the one that fits the range is not known here.
    let fitting = range.isGranularityChosen ? "auto" : "auto: by \(range.granularity.rawValue)"
    return """
      <label><span class="hidden">Granularity</span><select name="by"\(mark("by"))>\
      <option value="">\(fitting)</option>\(options)</select></label>
      """
  }

  /// The names of time zones to choose from; computed once.
  private static let zones: HTML = {
    let names = TimeZone.knownTimeZoneIdentifiers.filter { $0.has("/") }.sorted()
    let options: [HTML] = (["UTC"] + names).map { "<option value=\"\($0)\"></option>" }
    return "<datalist id=\"zones\">\(options)</datalist>"
  }()

  // MARK: - Origin

  /// The pickers for service and environment. They are a separate form, so that the range stays as
  /// it was chosen: the last 24 hours cannot be given as days.
  private func origin(_ origins: EventFacts.Origins) -> HTML {
    """
    <form class="range" action="\(path)" autocomplete="off">\
    \(Self.hidden(passedOnParameters + query.nonEmptyValues(["range", "from", "to", "by", "tz"])))\
    \(choice("service", "all services", origins.services))\
    \(choice("environment", "all environments", origins.environments))\
    <button>Show</button></form>
    """
  }

  private func choice(_ name: String, _ all: String, _ values: [String]) -> HTML {
    """
    <label><span class="hidden">\(name)</span><select name="\(name)"\(mark(name))>\
    <option value="">\(all)</option>\(Self.options(values, query.nonEmptyValue(name)) { $0 })</select></label>
    """
  }

  /// - Parameter chosen: The chosen value, which need not be one of `values`.
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
