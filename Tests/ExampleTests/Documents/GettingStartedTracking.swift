import Analytics

extension ExampleService {
  func tracking() async throws {
    let userID = analytics.userID(for: "ada")
    analytics.track(.taskStarted(taskID: task.id, userID: userID))
    try await analytics.flush()
  }
}
