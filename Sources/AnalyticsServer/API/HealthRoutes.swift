internal import AnalyticsText
internal import HTTPTypes

/// Routes that say whether the process is alive and whether it can answer reports.
struct HealthRoutes: Sendable {
  let database: ServerDatabase
  let gatekeeper: Gatekeeper

  var routes: [Route] {
    let shape = Route.Shape.members([.init("status", "string")], isList: false)
    return [
      Route(
        path: "/health", summary: "Whether the process is running. Does not query the database.",
        need: nil,
        produces: ["application/json": shape]
      ) { _ in Self.fine },
      Route(
        path: "/ready",
        summary: "Whether reports can be answered: the database is there and migrated.",
        need: nil, produces: ["application/json": shape], statuses: [429]
      ) { call in
        // Readiness queries the database without a key, so the rate of each address is limited.
        try gatekeeper.countRequest(call.address)
        try await database.requireReadiness()
        return Self.fine
      },
    ]
  }

  private static let fine = Answer(
    body: .bytes(Body(.object([("status", .string("ok"))]), type: MediaType.json)),
    headers: [.cacheControl: "no-store"])
}
