internal import AnalyticsReports
internal import AnalyticsText

/// A question about raw events, as asked with the form of the page.
struct ExploreQuestion {
  /// The kind of question.
  enum Kind: String, CaseIterable {
    case breakdown
    case funnel
    case retention

    var label: String {
      switch self {
      case .breakdown: "Events by property"
      case .funnel: "Funnel"
      case .retention: "Retention"
      }
    }
  }

  static let parameters: [RouteParameter] = [
    .ask, RouteParameter("event", "the type of events that a breakdown counts"),
    RouteParameter(
      "property", "the property: service, environment, hostname, user_id, a field, or data.FIELD"),
    RouteParameter(
      "where", "only events with name=value, name!=value, name>number (also >= < <=), name, !name"),
    RouteParameter("step", "a step of a funnel: type, or type,name=value", isRepeatable: true),
    RouteParameter("within", "the longest time from the first step to the last: 7d, 12h"),
    RouteParameter("first_event", "the type of a user's first event"),
    RouteParameter("return_event", "the type of events that count as a return"),
  ]

  /// `nil` if the kind in the URL does not exist.
  private let kind: Kind?
  private let values: [String: [String]]
  /// The parameters of the page's range in the URL.
  private let range: [(String, String)]

  init(_ query: QueryItems) {
    kind = Kind(rawValue: query.nonEmptyValue("ask") ?? Kind.breakdown.rawValue)
    let names = Set(Self.parameters.map(\.name))
    // An empty form field counts as missing.
    values = query.values.filter { names.contains($0.key) && $0.key != "ask" }
      .mapValues { $0.filter { !$0.isEmpty } }.filter { !$0.value.isEmpty }
    range = query.nonEmptyValues(DashboardRange.parameters.map(\.name))
  }

  /// What was entered for these parameters of a report; the form's fields have their names.
  private func entered(_ parameters: ReportParameter...) -> [PanelParameter] {
    parameters.compactMap { parameter in
      values[parameter.name].map { PanelParameter.entered($0, for: parameter) }
    }
  }

  /// The parameters of the question, for links.
  var query: [(String, String)] {
    [("ask", shown.rawValue)]
      + values.sorted { $0.key < $1.key }.flatMap { item in item.value.map { (item.key, $0) } }
  }

  /// - Throws: A problem of status 400 that names the parameter.
  func panels() throws(Problem) -> [Panel] {
    switch kind {
    case nil: throw RouteParameter.ask.problem
    case .breakdown:
      guard let event = values["event"]?.first else { return [] }
      let parameters = entered(.event, .property, .condition)
      let by = values["property"]?.first.map { " by \($0)" } ?? ""
      return [
        Panel(
          title: event + by, report: "breakdown", parameters: parameters,
          view: .stackBy(value: "events"), isWide: true),
        Panel(
          title: "In this range", report: "breakdown",
          parameters: parameters + [.by(.total), .limit(50)],
          view: .ranking(bar: "events"), isWide: true),
      ]
    case .funnel:
      guard values["step"] != nil else { return [] }
      return [
        Panel(
          title: "Users who got there", report: "funnel", parameters: entered(.step, .within),
          view: .ranking(bar: "users"), isWide: true)
      ]
    case .retention:
      return [
        Panel(
          title: "Who came back, by the week of their first event", report: "cohorts",
          parameters: entered(.firstEvent, .returnEvent) + [.by(.week)],
          view: .table, isWide: true)
      ]
    }
  }

  // MARK: - The form

  /// The kind whose form is shown.
  private var shown: Kind { kind ?? .breakdown }

  /// - Parameters:
  ///   - types: The event types to choose from.
  ///   - problem: The problem with the question.
  func form(types: [String], _ problem: Problem? = nil) -> HTML {
    let tabs: [HTML] = Kind.allCases.map { other in
      let current: HTML = other == kind ? " aria-current=\"true\"" : ""
      let link = Link.to(DashboardRoutes.explorePath, [("ask", other.rawValue)] + range)
      return "<a href=\"\(link)\"\(current)>\(other.label)</a>"
    }
    let options: [HTML] = types.map { "<option value=\"\($0)\"></option>" }
    return """
      <section class="panel wide question"><div class="presets" role="group" \
      aria-label="Question"\(problem?.mark("ask"))>\(tabs)</div>
      <form class="question" action="\(DashboardRoutes.explorePath)" autocomplete="off">\
      \(RangeForm.hidden([("ask", shown.rawValue)] + range))\(fields(problem))
      <button>Ask</button></form>\(advice)
      <datalist id="types">\(options)</datalist></section>
      """
  }

  private var advice: HTML {
    guard shown != .retention else { return "" }
    return """
      <p class="note">A property is <code>service</code>, <code>environment</code>, <code>hostname</code>, \
      <code>user_id</code> or the name of a field; <code>data.environment</code> is a field that is called \
      like one of these. Conditions: <code>name=value</code>, <code>name!=value</code>, \
      <code>name&gt;5</code> (or <code>&gt;= &lt; &lt;=</code>, of numbers), <code>name</code> (there is \
      one), <code>!name</code> (there is none). Text with operators or commas needs double quotes: \
      <code>&quot;a=b&quot;=c</code>.</p>
      """
  }

  private func fields(_ problem: Problem?) -> [HTML] {
    switch shown {
    case .breakdown:
      [
        field("event", "Count", list: "types", hint: "task_created", isRequired: true, problem),
        field("property", "by", hint: "project_id", problem),
        field("where", "where", hint: "exit_code!=0", problem),
      ]
    case .funnel:
      steps(problem) + [field("within", "within", hint: "7d", problem)]
    case .retention:
      [
        field("first_event", "First did", list: "types", hint: "anything", problem),
        field("return_event", "came back with", list: "types", hint: "anything", problem),
      ]
    }
  }

  private func steps(_ problem: Problem?) -> [HTML] {
    let steps = values["step"] ?? []
    return (0..<max(3, steps.count + 1)).prefix(Funnel.stepsMax).map { index in
      field(
        "step", index == 0 ? "First" : "then", list: "types",
        hint: index == 0 ? "project_created" : "task_completed,exit_code=0",
        value: index < steps.count ? steps[index] : "", isRequired: index == 0,
        index < steps.count ? problem : nil)
    }
  }

  private func field(
    _ name: String, _ label: String, list: String? = nil, hint: String, value: String? = nil,
    isRequired: Bool = false, _ problem: Problem?
  ) -> HTML {
    let value = value ?? values[name]?.first ?? ""
    let choice: HTML? = list.map { " list=\"\($0)\"" }
    let need: HTML? = isRequired ? " required" : nil
    return """
      <label>\(label) <input name="\(name)" value="\(value)" placeholder="\(hint)"\(choice)\(need)\
      \(problem?.mark(name))></label>

      """
  }
}

extension RouteParameter {
  fileprivate static let ask = RouteParameter(
    "ask", "the question", .choice(of: ExploreQuestion.Kind.self))
}
