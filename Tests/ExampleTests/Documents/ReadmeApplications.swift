import Analytics

extension ExampleCounting {
  func applications() -> UsageWorker {
    let applications = ClientApplications(sink: sink, own: ClientApplication(configuration))
    let worker = UsageWorker(usage, applications: applications)
    return worker
  }
}
