internal import AnalyticsConnections
internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// The state that all routes share, such as database access, the gatekeeper and recent answers.
final class ServerCore: Sendable {
  let configuration: ReportServerConfiguration
  let reports: ReportDatabase
  let database: ServerDatabase
  let inbox: TelemetryInbox
  let gatekeeper: Gatekeeper
  let cache: AnswerCache
  /// Answers that are being computed.
  let shared = SharedWork<ExactString, AnswerCache.Entry>()
  let facts: EventFacts
  /// Options with which the command `analytics` finds this database.
  let commandOptions: [String]
  let metrics: ServerMetrics
  let failures: FailureLog
  private let clock: ServerClock
  var now: @Sendable () -> Date { clock.now }

  init(
    _ store: AnalyticsDatabase, _ configuration: ReportServerConfiguration, logger: Logger,
    clock: ServerClock
  ) {
    let limits = configuration.limits
    failures = FailureLog(logger: logger, instant: clock.instant)
    self.configuration = configuration
    self.clock = clock
    reports = ReportDatabase(
      store, connectionsMax: limits.reports, timeout: limits.reportTimeout)
    database = ServerDatabase(store, timeout: limits.lookupTimeout)
    inbox = TelemetryInbox(store, timeout: limits.lookupTimeout)
    gatekeeper = Gatekeeper(
      database: database,
      limiter: RateLimiter(
        rate: limits.requestsPerSecond, burst: limits.burst, instant: clock.instant),
      needsKeys: configuration.needsKeys, instant: clock.instant)
    cache = AnswerCache(
      age: limits.cacheAge, bytesMax: limits.cacheBytes, instant: clock.instant)
    facts = EventFacts(database: reports)
    commandOptions =
      configuration.commandOptions + (store.wantedSchema.map { ["--schema", $0] } ?? [])
    metrics = ServerMetrics(configuration, reports: reports, facts: facts, clock: clock)
  }

  /// Authorizes the request, and has its route answer it.
  func answer(
    _ route: Route, _ request: Request, report: String? = nil, from address: String
  ) async throws -> Response {
    var call = Call(
      request: request, query: QueryItems(), report: report,
      address: address, now: clock.now())
    do {
      let answer = try await answer(route, &call)
      // The answer may have taken longer than a look-up of the key is trusted.
      try await call.readmit(Gatekeeper.lookupLifetime)
      return answer.response(to: request)
    } catch {
      // The key may have been revoked meanwhile. Without a caller, the refusal shows nothing of the
      // database.
      call.caller = nil
      return try await refusal(of: error, by: route, to: call).response(to: request)
    }
  }

  private func answer(_ route: Route, _ call: inout Call) async throws -> Answer {
    let request = call.request
    try request.requireSameOrigin(
      hostNames: configuration.hostNames.map { HostName($0) }, isTLS: configuration.tls != nil)
    do {
      call.query = try QueryItems(request.uri.query)
    } catch {
      call.query = QueryItems(readable: request.uri.query)
      throw error
    }
    if let need = route.need {
      let caller = try await gatekeeper.admit(
        request, from: call.address, need: need, now: call.now)
      call.caller = caller
      call.readmit = { [self] age in
        try await gatekeeper.readmit(
          caller, request, need: need, now: clock.now(), lookupAgeMax: age)
      }
    }
    do {
      try route.check(call.query)
      return try await route.handler(call)
    } catch {
      return try await refusal(of: error, by: route, to: call)
    }
  }

  /// The page that a person gets in place of an answer.
  ///
  /// - Throws: The error itself if the route is for programs or the error is unknown.
  private func refusal(of error: any Error, by route: Route, to call: Call) async throws -> Answer {
    guard let refusal = route.refusal, let problem = failures.problem(of: error) else {
      throw error
    }
    guard problem.status != .unauthorized else {
      return .redirect(to: SignInRoutes.path(leadingTo: call.request.uri.string))
    }
    return await refusal(problem, call)
  }

  /// Adds routes to a router.
  func add<Context>(_ routes: [Route], to router: some RouterMethods<Context>) {
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        let start = ContinuousClock.now
        do {
          let response = try await self.answer(
            route, request, report: context.parameters.get(RouteParameter.report.name),
            from: context.address)
          self.metrics.count(route, response.status.code, .now - start)
          return response
        } catch {
          let problem = self.failures.problem(of: error)
          let status = problem?.status ?? .internalServerError
          self.metrics.count(route, status.code, .now - start)
          throw problem ?? error
        }
      }
    }
  }
}

/// The sources of the server's times; tests use their own.
struct ServerClock: Sendable {
  var now: @Sendable () -> Date = { Date() }
  var instant: @Sendable () -> ContinuousClock.Instant = { .now }
}

extension Route {
  /// How often a repeatable parameter may be given.
  private static let repetitionsMax = 100

  /// Refuses parameters that the route does not have, and those given too often.
  func check(_ query: QueryItems) throws(Problem) {
    for (name, values) in query.values {
      let asked = parameters.filter { $0.place == .query }
      let parameter =
        asked.first { $0.name.isSame(as: name) } ?? parameters.first { $0.place == .others }
      guard let parameter else {
        let known = asked.map(\.name).joined(separator: ", ")
        throw .invalid(
          name.shortened,
          asked.isEmpty
            ? "this path has no parameters: leave out \(name.shortened)"
            : "there is no parameter \(name.shortened); use \(known)")
      }
      guard parameter.isRepeatable || values.count == 1 else {
        throw .invalid(name, "\(name) may be given only once")
      }
      guard values.count <= Self.repetitionsMax else {
        throw .invalid(name, "\(name) may be given \(Self.repetitionsMax) times at most")
      }
    }
  }
}
