internal import AnalyticsReports
internal import HTTPTypes

/// Whether the process lives, and whether it can answer.
struct HealthRoutes: Sendable {
  let database: ServerDatabase
  let gatekeeper: Gatekeeper

  var routes: [Route] {
    let shape = Route.Shape.members([.init("status", "string")], isList: false)
    return [
      Route(
        path: "/health", summary: "Whether the process lives. Asks no database.", need: nil,
        produces: ["application/json": shape]
      ) { _ in Self.fine },
      Route(
        path: "/ready",
        summary: "Whether reports can be answered: the database is there and migrated.",
        need: nil, produces: ["application/json": shape], statuses: [429]
      ) { call in
        // It asks the database, and needs no key.
        try gatekeeper.spend(call.address)
        try await database.requireReadiness()
        return Self.fine
      },
    ]
  }

  private static let fine = Answer(
    body: .bytes(Body(.object([("status", .string("ok"))]), type: MediaType.json)),
    headers: [.cacheControl: "no-store"])
}
