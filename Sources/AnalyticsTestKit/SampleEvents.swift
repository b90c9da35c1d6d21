public import Analytics

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Sample events of every type in the catalogue, with all fields set.
public enum SampleEvents {
  /// Returns one event of each type, with new ids on every call.
  public static func oneOfEach() -> [AnalyticsEvent] {
    let user = UUID()
    let project = UUID()
    let cocoon = UUID()
    let integration = UUID()
    let task = UUID()
    return [
      .authLoginAttempt(userID: user, email: "ada@example.org", success: false, error: "locked"),
      .authCodeVerified(userID: user, success: false, error: "expired"),
      .authTokenRefresh(userID: user, success: false, error: "withdrawn"),
      .authSessionValidated(userID: user, valid: true),
      .taskCreated(
        taskID: task, userID: user, projectID: project, cocoonID: cocoon, command: "make test"),
      .taskStarted(taskID: task, userID: user, cocoonID: cocoon),
      .taskCompleted(taskID: task, userID: user, durationMS: 1250, exitCode: 0),
      .taskFailed(taskID: task, userID: user, durationMS: 80, exitCode: -1, error: "no space"),
      .taskCancelled(taskID: task, userID: user, durationMS: 3),
      .integrationConnected(
        integrationID: integration, userID: user, provider: "github", projectID: project),
      .integrationDisconnected(
        integrationID: integration, userID: user, provider: "github", reason: "revoked"),
      .integrationUsed(
        integrationID: integration, userID: user, provider: "github", action: "merge"),
      .integrationError(
        integrationID: integration, userID: user, provider: "github", error: "rate limit"),
      .oauthFlowStarted(userID: user, provider: "github", state: "s3cr3t"),
      .oauthFlowCompleted(userID: user, provider: "github", success: false, error: "denied"),
      .webhookReceived(
        integrationID: integration, provider: "github", eventType: "push", deliveryID: "d-1"),
      .webhookProcessed(
        integrationID: integration, provider: "github", eventType: "push", deliveryID: "d-1",
        success: false, durationMS: 12, error: "timeout"),
      .cocoonRegistered(cocoonID: cocoon, userID: user, deviceName: "mac-mini"),
      .cocoonConnected(cocoonID: cocoon, userID: user),
      .cocoonDisconnected(cocoonID: cocoon, userID: user, durationSeconds: 3600),
      .cocoonClaimed(cocoonID: cocoon, userID: user, viaSetupToken: true),
      .cocoonSetupTokenCreated(tokenID: UUID(), userID: user, cocoonName: "attic"),
      .cocoonSetupTokenUsed(tokenID: UUID(), cocoonID: cocoon, userID: user),
      .projectCreated(projectID: project, userID: user, name: "Engine"),
      .projectUpdated(projectID: project, userID: user),
      .projectDeleted(projectID: project, userID: user),
      .apiRequest(
        service: "platform", endpoint: "/tasks/{id}", method: "GET", statusCode: 200,
        durationMS: 17, userID: user),
      .databaseQuery(service: "platform", queryType: "select", durationMS: 2, rowsAffected: 4),
      .applicationError(
        service: "platform", errorType: "Timeout", errorMessage: "no answer", userID: user,
        context: ["attempt": 3, "hosts": ["a", "b"]]),
    ]
  }
}

extension AnalyticsConfiguration {
  /// Returns settings for tests: events are buffered in memory, and each event wakes the worker.
  public static func testing(service: String = "test") -> AnalyticsConfiguration {
    var configuration = AnalyticsConfiguration(service: service, buffer: .memory())
    configuration.batchSize = 1
    configuration.hostname = "test-host"
    return configuration
  }
}
