internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

/// What all pages have around them: head, navigation, pickers.
struct PageFrame {
  /// One entry of the navigation.
  struct Entry: Sendable {
    var path: String
    var title: String
    /// Whether it is about a range, which a link to it has to say.
    var isOfRange = true
  }

  var title: String
  var question: String
  /// The path of the page, as the navigation has it.
  var path: String
  var entries: [Entry]
  /// `nil` for pages that are not about a range.
  var range: DashboardRange?
  /// From which to choose; `nil` for pages whose figures are of all services and environments.
  var origins: DashboardFacts.Origins?
  /// What the page's address says besides the range, and pickers leave alone.
  var kept: [(String, String)] = []
  /// Whether there is somebody to sign out.
  var canSignOut: Bool

  /// The whole page. The deferred script blocks rendering: a page that is drawn in parts as they come moves
  /// what is drawn already.
  func html(_ content: HTML) -> HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    \(Self.referrer)
    <meta name="color-scheme" content="light dark">
    <title>\(title) · usage</title>
    <link rel="icon" href="\(Asset.icon.path)">
    <link rel="stylesheet" href="\(Asset.style.path)">
    <script src="\(Asset.script.path)" defer blocking="render"></script>
    </head>
    <body>
    <a class="skip" href="#content">To the figures</a>
    <header>
    <nav aria-label="Pages">\(navigation)</nav>
    \(signOut)
    </header>
    <main id="content">
    <div class="heading"><div><h1>\(title)</h1><p>\(question)</p></div>
    \(range.map(pickers))</div>
    \(content)
    </main>
    </body>
    </html>

    """
  }

  /// Without it forms would say that they come from `null`, and be refused.
  static let referrer: HTML = "<meta name=\"referrer\" content=\"same-origin\">"

  private var navigation: [HTML] {
    entries.map { entry in
      let current: HTML = entry.path == path ? " aria-current=\"page\"" : ""
      return """
        <a href="\(Link.to(entry.path, entry.isOfRange ? range?.query ?? [] : []))"\(current)>\(entry.title)</a>

        """
    }
  }

  private var signOut: HTML? {
    canSignOut
      ? "<form method=\"post\" action=\"/sign-out\"><button class=\"quiet\">Sign out</button></form>"
      : nil
  }

  // MARK: - Pickers

  /// Forms that work as they are; the script sends one when something is chosen in it.
  private func pickers(_ range: DashboardRange) -> HTML {
    let presets: [HTML] = DashboardRange.Preset.allCases.map { preset in
      let query = [("range", preset.rawValue)] + range.kept + kept
      let current: HTML = preset == range.preset ? " aria-current=\"true\"" : ""
      return "<a href=\"\(Link.to(path, query))\"\(current)>\(preset.label)</a>"
    }
    let pieces: [HTML] = [Granularity.hour, .day, .week, .month].map { piece in
      let selected: HTML = piece == range.granularity ? " selected" : ""
      return "<option value=\"\(piece.rawValue)\"\(selected)>by \(piece.rawValue)</option>"
    }
    return """
      <div class="pickers"><div>\(origins.map { origin(range, $0) })\
      <div class="presets" role="group" aria-label="Range">\(presets)</div></div>
      <form class="range" action="\(path)">\(Self.hidden(kept + range.origin))
      <label>From <input type="date" name="from" value="\(Self.day(range.from, range.zone))" \
      required></label>
      <label>up to <input type="date" name="to" value="\(Self.day(range.to, range.zone))" \
      required></label>
      <label><span class="hidden">Pieces</span><select name="by">\(pieces)</select></label>
      <label><span class="hidden">Time zone</span><input name="tz" list="zones" size="16" \
      value="\(range.zone == .gmt ? "UTC" : range.zone.identifier)"></label>
      <button>Show</button></form>\(Self.zones)</div>
      """
  }

  private static func hidden(_ items: [(String, String)]) -> [HTML] {
    items.map { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" }
  }

  /// Where events come from. A form of its own, so that the range stays what was chosen: the last 24 hours are
  /// no days.
  private func origin(_ range: DashboardRange, _ origins: DashboardFacts.Origins) -> HTML {
    let service = Self.choice("service", "all services", origins.services, range.service)
    let environment = Self.choice(
      "environment", "all environments", origins.environments, range.environment)
    return """
      <form class="range" action="\(path)">\(Self.hidden(kept + range.time))\
      \(service)\(environment)<noscript><button>Show</button></noscript></form>
      """
  }

  /// - Parameter chosen: One of the values, or another.
  private static func choice(
    _ name: String, _ all: String, _ values: [String], _ chosen: String?
  ) -> HTML {
    let isChosen = { (value: String) in chosen?.isSame(as: value) == true }
    let other = values.contains(where: isChosen) ? nil : chosen
    let options: [HTML] = (values + [other].compactMap(\.self)).map { value in
      let selected: HTML = isChosen(value) ? " selected" : ""
      return "<option value=\"\(value)\"\(selected)>\(value)</option>"
    }
    return """
      <label><span class="hidden">\(name)</span><select name="\(name)">\
      <option value="">\(all)</option>\(options)</select></label>
      """
  }

  /// The day of a bound, which may be an instant.
  private static func day(_ bound: String, _ zone: TimeZone) -> String {
    guard bound.utf8.count > 10, let microseconds = RFC3339.microseconds(bound) else {
      return bound
    }
    return LocalDay(Date(timeIntervalSince1970: Double(microseconds) / 1_000_000), in: zone).text
  }

  /// The names that may be typed; made once.
  private static let zones: HTML = {
    let names = TimeZone.knownTimeZoneIdentifiers.filter { $0.has("/") }.sorted()
    let options: [HTML] = (["UTC"] + names).map { "<option value=\"\($0)\"></option>" }
    return "<datalist id=\"zones\">\(options)</datalist>"
  }()
}
