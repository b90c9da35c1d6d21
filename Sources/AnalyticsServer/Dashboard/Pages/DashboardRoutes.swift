internal import AnalyticsReports
internal import Foundation
internal import HTTPTypes

/// The routes of the dashboard's pages.
struct DashboardRoutes: Sendable {
  let core: ServerCore
  private let pages: PageAnswers
  private let live: LiveEvents

  init(core: ServerCore) {
    self.core = core
    pages = PageAnswers(core: core)
    live = LiveEvents(facts: core.facts)
  }

  private var facts: EventFacts { core.facts }
  private var limits: ReportServerLimits { core.configuration.limits }

  var routes: [Route] {
    [home] + pages.ofPanels.map(route)
      + [own, usage, explore, timeline, livePage, liveEvents, pipeline] + Asset.routes
  }

  static let usagePath = DashboardPage.root + "/usage"
  static let explorePath = DashboardPage.root + "/explore"
  static let timelinePath = DashboardPage.root + "/timeline"
  static let livePath = DashboardPage.root + "/live"
  static let pipelinePath = DashboardPage.root + "/pipeline"

  private var home: Route {
    Route(
      path: "/", summary: "Redirects to the first page.",
      refusal: { [pages] problem, call in
        await pages.refusal(problem, call, on: .nothing(at: call.path, because: problem))
      }
    ) { _ in .redirect(to: DashboardPage.root) }
  }

  /// The route of a page that has no range.
  ///
  /// - Parameter rest: The part of the page that is shown together with a problem: its form, with
  ///   the values that were typed.
  private func route(
    _ head: PageHead, parameters: [RouteParameter] = [],
    rest: @escaping @Sendable (Problem, Call) -> HTML = { _, _ in "" },
    content: @escaping @Sendable (Call) async throws -> HTML
  ) -> Route {
    Route(
      path: head.path, summary: head.question, parameters: parameters,
      refusal: { [pages] problem, call in
        await pages.refusal(problem, call, on: head, content: rest(problem, call))
      }
    ) { [pages] call in
      async let frame = pages.frame(head, call)
      let content = try await content(call)
      return pages.page(await frame.html(content))
    }
  }

  private func range(of call: Call) throws(Problem) -> DashboardRange {
    try DashboardRange(call.query, zone: core.configuration.zone, now: call.now)
  }

  // MARK: - Pages of panels

  private func route(_ page: DashboardPage) -> Route {
    Route(
      path: page.path, summary: page.question, parameters: DashboardRange.parameters,
      refusal: { [pages] problem, call in
        await pages.refusal(problem, call, on: page.head, hasOrigins: true)
      }
    ) { call in
      try await answer(page, in: try range(of: call), call)
    }
  }

  /// The page about an application's own rollup.
  private var own: Route {
    Route(
      path: DashboardPage.ownRoot + "/{report}",
      summary: "The figures of an application's own rollup.",
      parameters: [.report] + DashboardRange.parameters,
      refusal: { [pages] problem, call in
        let reports =
          PageAnswers.mayAsk(call, problem) ? (try? await pages.ownReports()) ?? [] : []
        let report = reports.first { $0.name == call.report }
        return await pages.refusal(
          problem, call,
          on: report.map(DashboardPage.head) ?? .nothing(at: call.path, because: problem),
          own: reports, hasOrigins: report != nil)
      }, statuses: [404]
    ) { call in
      let range = try range(of: call)
      let reports = try await pages.ownReports()
      guard let report = reports.first(where: { $0.name == call.report }) else {
        throw Problem(
          .notFound, "there is no rollup of this name: choose one of the pages above")
      }
      return try await answer(
        DashboardPage(report, in: try range.frame()), in: range, own: reports, call)
    }
  }

  /// - Throws: A problem of the whole page.
  private func answer(
    _ page: DashboardPage, in range: DashboardRange, own: [RollupReport]? = nil, _ call: Call
  ) async throws -> Answer {
    async let extent = facts.extent()
    async let frame = pages.frame(page.head, call, range: range, own: own, hasOrigins: true)
    let panels = try await panels(page.panels, in: range, limit: limits.reportTimeout, call)
    let notice = await Notice.html(
      try? extent, range, path: page.path, options: core.commandOptions)
    return pages.page(await frame.html(notice + panels))
  }

  private func panels(
    _ panels: [Panel], in range: DashboardRange, limit: Duration, _ call: Call
  ) async throws -> HTML {
    let answers = await panels.answers(
      in: range, from: core.reports, limit: limit, failures: core.failures)
    if let problem = answers.problem(of: call.query) { throw problem }
    let palette = Palette(answers)
    let sections = answers.map { $0.html(palette) }
    return "<div class=\"panels\">\(sections)</div>"
  }

  private var usage: Route {
    route(.usage) { [core] _ in
      try await UsagePage(
        reports: core.reports, zone: core.configuration.zone,
        limit: core.configuration.limits.reportTimeout
      ).html()
    }
  }

  // MARK: - Questions about raw events

  private var explore: Route {
    Route(
      path: PageHead.explore.path, summary: PageHead.explore.question,
      parameters: DashboardRange.parameters + ExploreQuestion.parameters,
      refusal: { [pages, facts] problem, call in
        let question = ExploreQuestion(call.query)
        let types =
          PageAnswers.mayAsk(call, problem) ? (try? await facts.eventTypes()) ?? [] : []
        return await pages.refusal(
          problem, call, on: .explore, passedOnParameters: question.query,
          content: question.form(types: types, problem))
      }
    ) { call in
      let range = try range(of: call)
      let question = ExploreQuestion(call.query)
      async let frame = pages.frame(
        .explore, call, range: range, passedOnParameters: question.query)
      let types = (try? await facts.eventTypes()) ?? []
      let panels = try await panels(
        question.panels(), in: range, limit: limits.exploreTimeout, call)
      return pages.page(
        await frame.html(question.form(types: types) + panels))
    }
  }

  private var timeline: Route {
    let page = { @Sendable [core] (call: Call) in
      TimelinePage(call.query, zone: core.configuration.zone, now: call.now)
    }
    return route(.timeline, parameters: TimelinePage.parameters) { problem, call in
      page(call).form(problem)
    } content: { [core] call in
      try await page(call).html(
        from: core.reports, limit: core.configuration.limits.exploreTimeout)
    }
  }

  // MARK: - Live events and the pipeline

  private var livePage: Route {
    route(.live) { [core] _ in
      let events = try await core.facts.newestEvents()
      let notice: HTML? = events.isEmpty ? Notice.noEvents(core.commandOptions) : nil
      return "\(notice)\(LivePage.html(events))"
    }
  }

  private var liveEvents: Route {
    Route(
      path: Self.livePath + "/events", summary: "New events as server-sent events.",
      produces: ["text/event-stream": .text]
    ) { call in
      try live.answer { try await call.readmit(Gatekeeper.streamLookupAge) }
    }
  }

  private var pipeline: Route {
    let page = { @Sendable [core] (call: Call) in
      PipelinePage(facts: core.facts, process: core.configuration.processFacts, now: call.now)
    }
    return route(.pipeline) { _, call in
      page(call).ownEvents
    } content: { call in
      try await page(call).html()
    }
  }
}
