import Analytics
import Foundation

// Each scene adds its events in the order in which a platform would track them.
extension DemoScene {
  mutating func browse() {
    for _ in 0..<Int.random(in: 2...6, using: &chance) {
      request(chance.one(of: DemoPlatform.Route.pages))
      wait(chance.duration(median: 6000, spread: 1))
    }
  }

  mutating func signIn() {
    let isRight = chance.happens(0.93)
    add(
      .authLoginAttempt(
        userID: person.id, email: person.email, success: isRight,
        error: isRight ? nil : "wrong code"), "auth")
    guard request(.signIn), isRight else { return }
    add(.authCodeVerified(userID: person.id, success: true), "auth")
    wait(chance.duration(median: 900, spread: 0.5))
    add(.authSessionValidated(userID: person.id, valid: true), "auth")
    wait(15 * 60_000)
    add(.authTokenRefresh(userID: person.id, success: chance.happens(0.995)), "auth")
  }

  mutating func project() {
    let project = chance.one(of: person.projects)
    guard chance.happens(0.5), request(.createProject) else {
      return add(
        chance.happens(0.9)
          ? .projectUpdated(projectID: project, userID: person.id)
          : .projectDeleted(projectID: project, userID: person.id), "platform")
    }
    add(.projectCreated(projectID: project, userID: person.id, name: "Project"), "platform")
  }

  mutating func task() {
    guard request(.createTask) else { return }
    let task = chance.uuid()
    let command = chance.one(of: DemoPlatform.commands)
    add(
      .taskCreated(
        taskID: task, userID: person.id, projectID: chance.one(of: person.projects),
        cocoonID: person.cocoon, command: command), "platform")
    wait(chance.duration(median: 400 * (0.5 + load), spread: 0.8))
    add(.taskStarted(taskID: task, userID: person.id, cocoonID: person.cocoon), "runner")
    if chance.happens(0.3) {
      add(
        .integrationUsed(
          integrationID: person.integration, userID: person.id, provider: person.provider,
          action: "clone"), "integrations")
    }
    let milliseconds = min(chance.duration(median: 25_000, spread: 1.2), 3_600_000)
    wait(milliseconds)
    switch chance.fraction() {
    case ..<0.06:
      add(
        .taskFailed(
          taskID: task, userID: person.id, durationMS: Int(milliseconds), exitCode: 2,
          error: "exit code 2"), "runner")
    case ..<0.09:
      add(
        .taskCancelled(taskID: task, userID: person.id, durationMS: Int(milliseconds)), "runner")
    default:
      add(
        .taskCompleted(
          taskID: task, userID: person.id, durationMS: Int(milliseconds), exitCode: 0), "runner")
    }
  }

  mutating func integration() {
    let (id, user, provider) = (person.integration, person.id, person.provider)
    switch chance.fraction() {
    case ..<0.15:
      add(.oauthFlowStarted(userID: user, provider: provider, state: "simulated"), "integrations")
      wait(chance.duration(median: 14_000, spread: 0.7))
      let isDone = request(.connect)
      add(
        .oauthFlowCompleted(
          userID: user, provider: provider, success: isDone, error: isDone ? nil : "access_denied"),
        "integrations")
      guard isDone else { return }
      add(
        .integrationConnected(integrationID: id, userID: user, provider: provider), "integrations")
    case ..<0.18:
      add(
        .integrationDisconnected(
          integrationID: id, userID: user, provider: provider, reason: "by hand"), "integrations")
    case ..<0.24:
      add(
        .integrationError(
          integrationID: id, userID: user, provider: provider, error: "rate limited"),
        "integrations")
    default:
      let action = chance.one(of: ["list", "comment", "clone"])
      add(
        .integrationUsed(integrationID: id, userID: user, provider: provider, action: action),
        "integrations")
    }
  }

  mutating func webhook() {
    let (id, provider) = (person.integration, person.provider)
    let delivery = chance.uuid().uuidString.lowercased()
    let type = chance.one(of: ["push", "pull_request", "issue"])
    add(
      .webhookReceived(
        integrationID: id, provider: provider, eventType: type, deliveryID: delivery),
      "integrations")
    let milliseconds = chance.duration(median: 120, spread: 0.9)
    wait(milliseconds)
    let isDone = chance.happens(0.985)
    add(
      .webhookProcessed(
        integrationID: id, provider: provider, eventType: type, deliveryID: delivery,
        success: isDone, durationMS: Int(milliseconds), error: isDone ? nil : "unknown branch"),
      "integrations")
  }

  mutating func cocoon() {
    if chance.happens(0.1) {
      let token = chance.uuid()
      add(.cocoonSetupTokenCreated(tokenID: token, userID: person.id, cocoonName: nil), "cocoons")
      wait(chance.duration(median: 90_000, spread: 0.6))
      add(.cocoonRegistered(cocoonID: person.cocoon, userID: person.id, deviceName: nil), "cocoons")
      add(
        .cocoonSetupTokenUsed(tokenID: token, cocoonID: person.cocoon, userID: person.id), "cocoons"
      )
      add(
        .cocoonClaimed(cocoonID: person.cocoon, userID: person.id, viaSetupToken: true), "cocoons")
    }
    add(.cocoonConnected(cocoonID: person.cocoon, userID: person.id), "cocoons")
    let seconds = min(chance.duration(median: 1800, spread: 1), 6 * 3600)
    wait(seconds * 1000)
    add(
      .cocoonDisconnected(
        cocoonID: person.cocoon, userID: person.id, durationSeconds: Int(seconds)), "cocoons")
  }
}
