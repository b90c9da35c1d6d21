import AnalyticsStore
import AnalyticsTelemetry
import ServiceLifecycle

extension ExampleService {
  func telemetry() throws -> [any Service] {
    let database = try AnalyticsDatabase(url: databaseURL)
    let collector = environment["ANALYTICS_TELEMETRY_URL"] ?? ""
    let services: [any Service] = [
      database,
      UsagePeriods(database),
      try TelemetryService(database, collector: collector.isEmpty ? nil : collector),
    ]
    return services
  }
}
