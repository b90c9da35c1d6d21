internal import AnalyticsPrometheus
internal import AnalyticsText
internal import HTTPTypes
internal import HummingbirdCore

/// The route that Prometheus scrapes.
struct MetricsRoutes: Sendable {
  let metrics: ServerMetrics

  var routes: [Route] {
    [
      Route(
        path: "/metrics", summary: "The metrics of this process and this installation.",
        produces: Dictionary(
          uniqueKeysWithValues: Exposition.Format.allCases.map { format in
            (String(format.mediaType.split(at: ";")[0]), .text)
          })
      ) { call in
        let format = Exposition.Format(accept: call.request.headers[.accept])
        let text = Exposition.text(metrics.families, as: format)
        return Answer(
          body: .bytes(Body(text, type: format.mediaType)), headers: [.cacheControl: "no-store"])
      }
    ]
  }
}
