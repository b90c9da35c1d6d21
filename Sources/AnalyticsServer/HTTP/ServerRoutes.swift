internal import AnalyticsReports
internal import HTTPTypes

/// The composition root, with all routes. A new page, feed or kind of report is a collection of
/// routes in its own file, and a line here.
enum ServerRoutes {
  /// Routes for programs. A service can add them to its own router.
  static func api(_ core: ServerCore) -> [Route] {
    let series = SeriesRoutes(
      reports: core.reports, cache: core.cache, shared: core.shared, now: core.now,
      zone: core.configuration.zone,
      limit: core.configuration.limits.reportTimeout)
    let routes =
      HealthRoutes(database: core.database, gatekeeper: core.gatekeeper).routes
      + UpstreamRoutes(series: series).routes
      + ReportRoutes(series: series, lookupTimeout: core.configuration.limits.lookupTimeout).routes
      + StatisticsRoutes(core: core).routes
      + MetricsRoutes(metrics: core.metrics).routes
      + (core.configuration.collectsTelemetry ? TelemetryRoutes(core: core).routes : [])
    return routes + [OpenAPI.route(describing: routes)]
  }

  /// Routes for people.
  private static func pages(_ core: ServerCore) -> [Route] {
    SignInRoutes(core: core).routes + DashboardRoutes(core: core).routes
  }

  static func all(_ core: ServerCore) -> [Route] { api(core) + pages(core) }

  /// For each path, routes that refuse the methods it does not have.
  static func refusals(of routes: [Route]) -> [Route] {
    Dictionary(grouping: routes, by: \.path).flatMap { path, routes in
      let methods = routes.map(\.method) + (routes.contains { $0.method == .get } ? [.head] : [])
      let allowed = methods.map(\.rawValue).sorted().joined(separator: ", ")
      let others: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .query,
      ]
      return others.filter { !methods.contains($0) }.map { method in
        Route(
          method, path: path, summary: "Method not allowed.",
          parameters: routes.flatMap(\.parameters),
          need: nil, refusal: routes.lazy.compactMap(\.refusal).first,
          countedPath: routes.lazy.compactMap(\.countedPath).first
        ) { _ in
          throw Problem(
            .methodNotAllowed, "method not allowed; use \(allowed)", headers: [.allow: allowed])
        }
      }
    }
  }
}
