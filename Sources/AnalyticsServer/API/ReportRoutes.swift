internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation
internal import HTTPTypes

/// A route for each report of the catalogue, one for the reports of an application's own rollups,
/// and the list of all reports.
struct ReportRoutes: Sendable {
  let series: SeriesRoutes
  /// How long reading the catalogue from the database may take.
  let lookupTimeout: Duration

  static let path = "/api/v1/reports"

  var routes: [Route] {
    [list] + own
      + ReportCatalogue.standard.reports.flatMap { entry in
        series.routes(
          "\(Self.path)/\(entry.name)", entry.summary,
          parameters: entry.parameters.map { RouteParameter($0) }, shape: .component("Series")
        ) { call, now in try report(entry, in: .standard, call.query, now) }
      }
  }

  /// Routes for the reports of an application's own rollups. Each request looks up which rollups
  /// exist.
  private var own: [Route] {
    series.routes(
      "\(Self.path)/{report}", "The figures of an application's own rollup.",
      parameters: [.report, .others], shape: .component("Series"), statuses: [404]
    ) { call, now in
      let name = call.report ?? ""
      // A name that no rollup can have is not looked up.
      guard name.utf8.allSatisfy(\.isOfKebabCase) else {
        throw Problem(.notFound, "there is no report \(name.shortened)")
      }
      let catalogue = try await series.reports.catalogue()
      let entry: ReportCatalogue.Entry
      do {
        entry = try catalogue.entry(name)
      } catch let error as ReportError {
        throw Problem(.notFound, error.description)
      }
      return try report(entry, in: catalogue, call.query, now)
    }
  }

  private func report(
    _ entry: ReportCatalogue.Entry, in catalogue: ReportCatalogue, _ query: QueryItems, _ now: Date
  ) throws -> any Report {
    let known = Set(entry.parameters.map(\.name))
    // `limit` and `offset` select a page of the answer, unless the report has parameters of these
    // names.
    let values = query.without(["limit", "offset"].filter { !known.contains($0) })
    let takesZone = known.contains(ReportParameter.zone.name)
    let given = series.parameters(values, takesZone: takesZone, now: now)
    if known.contains(ReportParameter.from.name) {
      let range = series.parameters(
        values.filter { $0.key != ReportParameter.granularity.name }, takesZone: takesZone, now: now
      )
      try series.check(try range.frame(by: .total).range, ReportParameter.from.name)
    }
    return try catalogue.report(entry.name, given)
  }

  private var list: Route {
    let members = ["name", "summary", "path"].map { Route.Member($0, "string") }
    return Route(
      path: Self.path, summary: "The reports and their parameters.",
      produces: ["application/json": .members(members, isList: true)]
    ) { call in
      // Without the database, the list has the reports of every installation.
      let catalogue = try? await withDeadline(lookupTimeout) {
        try await series.reports.catalogue()
      }
      let path = call.path(above: Self.path) + Self.path
      return .json(
        .array((catalogue ?? .standard).reports.map { Self.json($0, at: "\(path)/\($0.name)") }))
    }
  }

  private static func json(_ entry: ReportCatalogue.Entry, at path: String) -> JSON {
    .object([
      ("name", .string(entry.name)), ("summary", .string(entry.summary)),
      ("path", .string(path)),
      (
        "parameters",
        .array(
          entry.parameters.map { parameter in
            .object([
              ("name", .string(parameter.name)), ("value", .string(parameter.kind.summary)),
              ("summary", .string(parameter.summary)),
              ("repeatable", .bool(parameter.isRepeatable)),
              ("required", .bool(parameter.isRequired)),
            ])
          })
      ),
    ])
  }
}

extension UInt8 {
  fileprivate var isOfKebabCase: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
