internal import AnalyticsReports
internal import Foundation

/// A route for each report of the catalogue, and the list of them.
struct ReportRoutes: Sendable {
  let series: SeriesRoutes
  let catalogue: ReportCatalogue

  static let path = "/api/v1/reports"

  var routes: [Route] {
    [list]
      + catalogue.reports.flatMap { type in
        let parameters = type.parameters.map { RouteParameter($0) }
        return series.routes(
          "\(Self.path)/\(type.name)", type.explanation, parameters: parameters,
          shape: .component("Series")
        ) { query, now in try report(type, query, now) }
      }
  }

  private func report(
    _ type: any CataloguedReport.Type, _ query: QueryItems, _ now: Date
  ) throws -> any Report {
    let known = Set(type.parameters.map(\.name))
    // What is not the report's own is about the page.
    let values = query.values.filter { known.contains($0.key) }
    let takesZone = known.contains(ReportParameter.zone.name)
    let given = series.parameters(values, takesZone: takesZone, now: now)
    if known.contains(ReportParameter.from.name) {
      let range = series.parameters(
        values.filter { $0.key != ReportParameter.granularity.name }, takesZone: takesZone, now: now
      )
      try series.check(try range.frame(by: .total).range, ReportParameter.from.name)
    }
    return try catalogue.report(type.name, given)
  }

  private var list: Route {
    let names = catalogue.reports.map { type in
      JSON.object([
        ("name", .string(type.name)), ("explanation", .string(type.explanation)),
        ("path", .string("\(Self.path)/\(type.name)")),
        (
          "parameters",
          .array(
            type.parameters.map { parameter in
              .object([
                ("name", .string(parameter.name)), ("value", .string(parameter.value)),
                ("explanation", .string(parameter.explanation)),
                ("repeatable", .bool(parameter.isRepeatable)),
              ])
            })
        ),
      ])
    }
    let members = ["name", "explanation", "path"].map { Route.Member($0, "string") }
    return Route(
      path: Self.path, summary: "Which reports there are, and what can be said of each.",
      produces: ["application/json": .members(members, isList: true)]
    ) { _ in .json(.array(names)) }
  }
}
