import Analytics
import Configuration

extension ExampleConfiguration {
  func client() throws -> AnalyticsClient {
    let config = ConfigReader(provider: EnvironmentVariablesProvider()).scoped(to: "analytics")
    let analytics = try AnalyticsClient(AnalyticsConfiguration(config: config), sink: sink)
    return analytics
  }
}
