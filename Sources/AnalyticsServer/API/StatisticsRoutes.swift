internal import AnalyticsReports

/// The signed statistics of this installation.
struct StatisticsRoutes: Sendable {
  let core: ServerCore

  var routes: [Route] {
    let members =
      ["instance_id", "timestamp", "version"].map { Route.Member($0, "string") }
      + InstanceStatistics.figures.map { Route.Member($0, "integer") }
      + [Route.Member("signature", "string")]
    let summary = "Signed figures on the use of this installation."
    return [
      Route(
        path: "/statistics", summary: summary,
        produces: ["application/json": .members(members, isList: false)]
      ) { call in .json(try await document(call).json) },
      Route(path: "/statistics/csv", summary: summary, produces: ["text/csv": .text]) { call in
        Answer(body: .bytes(Body(try await document(call).csv, type: MediaType.csv)))
      },
    ]
  }

  private func document(_ call: Call) async throws -> StatisticsDocument {
    try await withDeadline(core.configuration.limits.reportTimeout) {
      try await .current(reports: core.reports, database: core.database, now: call.now)
    }
  }
}
