import AnalyticsRollups
import AnalyticsStore

extension ExampleService {
  func rollup(_ database: AnalyticsDatabase) async throws {
    let checkouts = Rollup(
      "checkouts", of: ["checkout_completed"],
      by: [Dimension("service", .service), Dimension("currency", .field("currency"))],
      measures: [
        Measure("checkouts", .count),
        Measure("amount_cents", .sum("amount_cents")),
        Measure("amount", .histogram("amount_cents")),
        Measure("customers", .distinct(.userID)),
      ])
    try await Migrator(database, rollups: [checkouts]).apply()
  }
}
