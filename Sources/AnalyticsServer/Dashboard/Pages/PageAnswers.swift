internal import AnalyticsReports
internal import AnalyticsText
internal import HTTPTypes
internal import HummingbirdCore

/// Puts into the frame of all pages what one of them shows, or what is wrong with what was asked.
struct PageAnswers: Sendable {
  let core: ServerCore

  /// The pages that are all panels.
  var ofPanels: [DashboardPage] {
    DashboardPage.all + (core.configuration.collectsTelemetry ? [.deployments] : [])
  }

  func ownReports() async throws -> [RollupReport] {
    try await withDeadline(core.configuration.limits.lookupTime) {
      try await core.reports.ownReports()
    }
  }

  /// What is around a page. While the database does not say which reports the application has, the navigation has none.
  ///
  /// - Parameters:
  ///   - range: Of a page that is about one.
  ///   - own: The application's own reports, where they are known already.
  ///   - hasOrigins: Whether services and environments can be chosen.
  ///   - kept: What the page's address says besides the range, and pickers leave alone.
  ///   - problem: What is wrong.
  func frame(
    _ head: PageHead, _ call: Call, range: DashboardRange? = nil, own: [RollupReport]? = nil,
    hasOrigins: Bool = false, kept: [(String, String)] = [], problem: Problem? = nil
  ) async -> PageFrame {
    let mayAsk = Self.mayAsk(call, problem)
    var origins = hasOrigins ? DashboardFacts.Origins(services: [], environments: []) : nil
    if let range, hasOrigins, mayAsk {
      origins = (try? await core.facts.origins(in: range)) ?? origins
    }
    var reports = own ?? []
    if own == nil, mayAsk { reports = (try? await ownReports()) ?? [] }
    return PageFrame(
      head: head,
      pages: (call.caller == nil ? DashboardPage.all : ofPanels).map(\.head)
        + reports.map(DashboardPage.head(of:)) + [
          .usage, .explore, .live, .pipeline,
        ],
      query: range?.query ?? [],
      pickers: range.map { range in
        RangeForm(
          path: head.path, query: call.query, range: range, origins: origins, kept: kept,
          problem: problem)
      }, problem: problem, canSignOut: call.request.sessionCookie != nil)
  }

  /// Whether the database may be asked for what is around a page: not for somebody who was not let in, and not where it
  /// has just not answered.
  static func mayAsk(_ call: Call, _ problem: Problem?) -> Bool {
    call.caller != nil && problem?.status != .serviceUnavailable
  }

  func page(_ html: HTML) -> Answer {
    // What was true a moment ago is not, and nobody else is to see it.
    Answer(
      body: .bytes(Body(html.text, type: MediaType.html)),
      headers: [.cacheControl: "private, no-store"])
  }

  // MARK: - What is wrong

  /// A page that says what is wrong, and has its forms with what was typed. Who was not let in gets no pickers: they
  /// are most of the page.
  ///
  /// - Parameter content: What of the page can be shown all the same.
  func refusal(
    _ problem: Problem, _ call: Call, on head: PageHead, own: [RollupReport]? = nil,
    hasOrigins: Bool = false, kept: [(String, String)] = [], content: HTML = ""
  ) async -> Answer {
    let range = DashboardRange.standIn(
      for: call.query, without: problem.parameter, zone: core.configuration.zone, now: call.now)
    let frame = await frame(
      head, call, range: head.isOfRange && call.caller != nil ? range : nil, own: own,
      hasOrigins: hasOrigins,
      kept: kept, problem: problem)
    var answer = page(frame.html(content))
    answer.status = problem.status
    for field in problem.headers { answer.headers[field.name] = field.value }
    return answer
  }

  /// What a person gets whose request came to no page.
  ///
  /// - Returns: `nil` where a program asks.
  func refusal(
    _ problem: Problem, _ request: Request, from address: String
  ) async -> Answer? {
    let path = request.uri.path
    let isPage =
      ["/", SignInRoutes.path].contains(where: path.isSame)
      || "\(path)/".begins(with: "\(DashboardPage.root)/")
    let isMissing = problem.status == .notFound && !"\(path)/".begins(with: "/api/")
    guard isMissing ? isPage || request.takesHTML : isPage && request.takesHTML else { return nil }
    let call = Call(request: request, query: QueryItems(), address: address, now: core.now())
    var problem = problem
    if isMissing {
      problem.detail = "there is no page at this address: choose one of those above"
    }
    return await refusal(problem, call, on: .nothing(at: path, because: problem))
  }
}

extension Request {
  /// Whether a person looks at the answer.
  fileprivate var takesHTML: Bool {
    HeaderList(headers[.accept]).items.contains {
      $0.value.isSame(as: "text/html") && $0.quality > 0
    }
  }
}
