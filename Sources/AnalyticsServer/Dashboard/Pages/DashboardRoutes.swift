internal import AnalyticsReports
internal import Foundation
internal import HTTPTypes

/// The pages that people look at.
struct DashboardRoutes: Sendable {
  let core: ServerCore
  private let live: LiveEvents

  init(core: ServerCore) {
    self.core = core
    live = LiveEvents(facts: core.facts)
  }

  private var facts: DashboardFacts { core.facts }

  var routes: [Route] {
    [
      Route(path: "/", summary: "Leads to the first page.", isPage: true) { _ in
        .redirect(to: DashboardPage.root)
      }
    ] + pages.map(route) + [own, usage, explore, timeline, livePage, liveEvents, pipeline]
      + Asset.routes
  }

  private var pages: [DashboardPage] {
    DashboardPage.all + (core.configuration.collectsTelemetry ? [.deployments] : [])
  }

  /// What the navigation has.
  ///
  /// - Parameter own: The application's own reports.
  private func entries(_ own: [RollupReport]) -> [PageFrame.Entry] {
    pages.map { PageFrame.Entry(path: $0.path, title: $0.title) } + own.map(DashboardPage.entry) + [
      PageFrame.Entry(path: Self.usagePath, title: "Usage", isOfRange: false),
      PageFrame.Entry(path: Self.explorePath, title: "Explore"),
      PageFrame.Entry(path: Self.livePath, title: "Live", isOfRange: false),
      PageFrame.Entry(path: Self.pipelinePath, title: "Pipeline", isOfRange: false),
    ]
  }
  static let usagePath = DashboardPage.root + "/usage"
  static let explorePath = DashboardPage.root + "/explore"
  static let timelinePath = DashboardPage.root + "/timeline"
  static let livePath = DashboardPage.root + "/live"
  static let pipelinePath = DashboardPage.root + "/pipeline"

  private func ownReports() async throws -> [RollupReport] {
    try await withDeadline(core.configuration.limits.lookupTime) {
      try await core.reports.ownReports()
    }
  }

  /// What is around a page. While the database does not say which reports the application has, the navigation has none.
  ///
  /// - Parameters:
  ///   - own: The application's own reports, where they are known already.
  ///   - hasOrigins: Whether services and environments can be chosen.
  private func frame(
    _ call: Call, _ title: String, _ question: String, path: String, range: DashboardRange? = nil,
    own: [RollupReport]? = nil, hasOrigins: Bool = false, kept: [(String, String)] = []
  ) async -> PageFrame {
    var frame = PageFrame(
      title: title, question: question, path: path, entries: [], range: range, kept: kept,
      canSignOut: call.request.sessionCookie != nil)
    if let range, hasOrigins {
      frame.origins =
        (try? await facts.origins(in: range)) ?? .init(services: [], environments: [])
    }
    if let own {
      frame.entries = entries(own)
    } else {
      frame.entries = entries((try? await ownReports()) ?? [])
    }
    return frame
  }

  private func range(of call: Call) throws(Problem) -> DashboardRange {
    try DashboardRange(call.query, zone: core.configuration.zone, now: call.now)
  }

  private static func answer(_ html: HTML) -> Answer {
    // What was true a moment ago is not, and nobody else is to see it.
    Answer(
      body: .bytes(Body(html.text, type: MediaType.html)),
      headers: [.cacheControl: "private, no-store"])
  }

  // MARK: - Pages of panels

  private func route(_ page: DashboardPage) -> Route {
    Route(
      path: page.path, summary: page.question, parameters: DashboardRange.parameters, isPage: true
    ) { call in
      await answer(page, in: try range(of: call), call)
    }
  }

  /// The page of an application's own rollup.
  private var own: Route {
    Route(
      path: DashboardPage.ownRoot + "/{report}",
      summary: "The figures of an application's own rollup.",
      parameters: [.report] + DashboardRange.parameters, isPage: true, statuses: [404]
    ) { call in
      let range = try range(of: call)
      let reports = try await ownReports()
      guard let report = reports.first(where: { $0.name == call.report }) else {
        throw Problem(.notFound, "there is no rollup of this name")
      }
      return await answer(
        DashboardPage(report, in: try range.frame()), in: range, own: reports, call)
    }
  }

  private func answer(
    _ page: DashboardPage, in range: DashboardRange, own: [RollupReport]? = nil, _ call: Call
  ) async -> Answer {
    async let extent = facts.extent()
    async let frame = frame(
      call, page.title, page.question, path: page.path, range: range, own: own, hasOrigins: true)
    let answers = await page.panels.answers(
      in: range, from: core.reports, limit: core.configuration.limits.answerTime,
      failures: core.failures)
    let notice = await Notice.html(try? extent, range, path: page.path)
    let panels = answers.map(\.html)
    return Self.answer(
      await frame.html("\(notice)<div class=\"panels\">\(panels)</div>"))
  }

  private var usage: Route {
    let question = "What is counted in this period, and what was in those before?"
    return Route(path: Self.usagePath, summary: question, isPage: true) { call in
      async let frame = frame(call, "Usage", question, path: Self.usagePath)
      let content = await UsagePage(
        reports: core.reports, zone: core.configuration.zone,
        limit: core.configuration.limits.answerTime, failures: core.failures
      ).html()
      return Self.answer(await frame.html(content))
    }
  }

  // MARK: - Questions about raw events

  private var explore: Route {
    Route(
      path: Self.explorePath, summary: ExploreQuestion.explanation,
      parameters: DashboardRange.parameters + ExploreQuestion.parameters, isPage: true
    ) { call in
      let range = try range(of: call)
      let question = try ExploreQuestion(call.query)
      async let frame = frame(
        call, "Explore", ExploreQuestion.explanation, path: Self.explorePath, range: range,
        kept: question.query)
      let types = (try? await facts.eventTypes()) ?? []
      let answers = await question.panels.answers(
        in: range, from: core.reports, limit: core.configuration.limits.exploreTime,
        failures: core.failures)
      let panels = answers.map(\.html)
      let content: HTML = """
        \(question.form(types: types, range: range))<div class="panels">\(panels)</div>
        """
      return Self.answer(await frame.html(content))
    }
  }

  private var timeline: Route {
    let question = "What did one user do, the newest first?"
    return Route(
      path: Self.timelinePath, summary: question, parameters: TimelinePage.parameters, isPage: true
    ) { call in
      async let frame = frame(call, "Timeline", question, path: Self.timelinePath)
      let page = TimelinePage(call.query, zone: core.configuration.zone, now: call.now)
      let content = await page.html(
        from: core.reports, limit: core.configuration.limits.exploreTime, failures: core.failures)
      return Self.answer(await frame.html(content))
    }
  }

  // MARK: - What happens now

  private var livePage: Route {
    let question = "What happens at this moment?"
    return Route(path: Self.livePath, summary: question, isPage: true) { call in
      async let frame = frame(call, "Live", question, path: Self.livePath)
      let content: HTML
      do {
        content = LivePage.html(try await facts.newestEvents())
      } catch {
        content = "<p class=\"problem\" role=\"alert\">\(core.failures.text(of: error))</p>"
      }
      return Self.answer(await frame.html(content))
    }
  }

  private var liveEvents: Route {
    Route(
      path: Self.livePath + "/events", summary: "New events as server-sent events.",
      produces: ["text/event-stream": .text]
    ) { call in try live.answer(readmit: call.readmit) }
  }

  private var pipeline: Route {
    let question = "Does every event arrive?"
    return Route(path: Self.pipelinePath, summary: question, isPage: true) { call in
      async let frame = frame(call, "Pipeline", question, path: Self.pipelinePath)
      let content = await PipelinePage(
        facts: facts, process: core.configuration.processFacts, now: call.now,
        failures: core.failures
      ).html()
      return Self.answer(await frame.html(content))
    }
  }
}
