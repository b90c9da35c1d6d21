import AnalyticsStore
import AnalyticsTelemetry
import ServiceLifecycle

extension ExampleService {
  func telemetry() throws -> [any Service] {
    let services: [any Service] = [
      try UsagePeriods(url: databaseURL),
      try TelemetryService(url: databaseURL, collector: environment["ANALYTICS_TELEMETRY_URL"]),
    ]
    return services
  }
}
