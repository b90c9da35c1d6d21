import Analytics

extension ExampleCounting {
  func applications() -> UsageWorker {
    var configuration = AnalyticsConfiguration(service: "platform")
    configuration.version = "1.4.0"
    let applications = ClientApplications(sink: sink, own: ClientApplication(configuration))
    let usageWorker = UsageWorker(usage, applications: applications)
    return usageWorker
  }
}
