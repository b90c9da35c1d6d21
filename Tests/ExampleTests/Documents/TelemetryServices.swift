import AnalyticsStore
import AnalyticsTelemetry
import ServiceLifecycle

extension ExampleService {
  func telemetry() throws -> [any Service] {
    let database = try AnalyticsDatabase(url: databaseURL)
    let services: [any Service] = [
      database,
      UsagePeriods(database),
      try TelemetryService(database, collector: environment["ANALYTICS_TELEMETRY_URL"]),
    ]
    return services
  }
}
