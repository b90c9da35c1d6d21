internal import AnalyticsReports
internal import AnalyticsText
internal import HTTPTypes
internal import HummingbirdCore

/// Puts the content of a page, or a problem, into the frame that all pages have.
struct PageAnswers: Sendable {
  let core: ServerCore

  /// The pages that consist of panels only.
  var ofPanels: [DashboardPage] {
    DashboardPage.all + (core.configuration.collectsTelemetry ? [.deployments] : [])
  }

  func ownReports() async throws -> [RollupReport] {
    try await withDeadline(core.configuration.limits.lookupTimeout) {
      try await core.reports.ownReports()
    }
  }

  /// Makes the frame around a page. If the database does not answer, the navigation has no pages of
  /// the application's own reports.
  ///
  /// - Parameters:
  ///   - range: The range of a page that has one.
  ///   - own: The application's own reports, if they are known already.
  ///   - hasOrigins: Whether the page has pickers for service and environment.
  ///   - passedOnParameters: Further parameters in the page's URL, which pickers pass on.
  ///   - problem: The problem to show.
  func frame(
    _ head: PageHead, _ call: Call, range: DashboardRange? = nil, own: [RollupReport]? = nil,
    hasOrigins: Bool = false, passedOnParameters: [(String, String)] = [], problem: Problem? = nil
  ) async -> PageFrame {
    let mayAsk = Self.mayAsk(call, problem)
    var origins = hasOrigins ? EventFacts.Origins(services: [], environments: []) : nil
    if let range, hasOrigins, mayAsk {
      origins = (try? await core.facts.origins(in: range.frame().range)) ?? origins
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
          path: head.path, query: call.query, range: range, origins: origins,
          passedOnParameters: passedOnParameters,
          problem: problem)
      }, problem: problem, canSignOut: call.request.sessionCookie != nil)
  }

  /// Whether the frame may query the database. It may not for a caller who is not authorized, nor
  /// right after the database did not answer.
  static func mayAsk(_ call: Call, _ problem: Problem?) -> Bool {
    call.caller != nil && problem?.status != .serviceUnavailable
  }

  func page(_ html: HTML) -> Answer {
    // The content is current and private, so it is not cached.
    Answer(
      body: .bytes(Body(html.text, type: MediaType.html)),
      headers: [.cacheControl: "private, no-store"])
  }

  // MARK: - Problems

  /// A page that shows a problem, and its forms with the values that were typed. A caller who is
  /// not authorized gets no pickers: they would reveal most of the page.
  ///
  /// - Parameter content: The part of the page that can be shown all the same.
  func refusal(
    _ problem: Problem, _ call: Call, on head: PageHead, own: [RollupReport]? = nil,
    hasOrigins: Bool = false, passedOnParameters: [(String, String)] = [], content: HTML = ""
  ) async -> Answer {
    let range = DashboardRange.standIn(
      for: call.query, without: problem.parameter, zone: core.configuration.zone, now: call.now)
    let frame = await frame(
      head, call, range: head.isOfRange && call.caller != nil ? range : nil, own: own,
      hasOrigins: hasOrigins,
      passedOnParameters: passedOnParameters, problem: problem)
    var answer = page(frame.html(content))
    answer.status = problem.status
    for field in problem.headers { answer.headers[field.name] = field.value }
    return answer
  }

  /// The page that reports a problem to a person whose request reached no page.
  ///
  /// - Returns: `nil` for the request of a program.
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
  /// Whether the client accepts HTML.
  fileprivate var takesHTML: Bool {
    HeaderList(headers[.accept]).items.contains {
      $0.value.isSame(as: "text/html") && $0.quality > 0
    }
  }
}
