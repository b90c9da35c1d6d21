import Analytics
import AnalyticsTestSupport
import AnalyticsTestSupport
import Foundation

/// Random events of every kind that reports count. Many are close to instants at which a day begins in some time zone.
struct RandomFacts {
  private(set) var random: SeededGenerator
  private let users: [UUID]
  private let things: [UUID]
  private let range: Range<Date>

  init(_ random: SeededGenerator, in range: Range<Date>, users: Int = 30) {
    var random = random
    self.users = (0..<users).map { _ in random.uuid() }
    things = (0..<6).map { _ in random.uuid() }
    self.random = random
    self.range = range
  }

  /// The events, in random order.
  mutating func events(_ count: Int) -> [EnrichedEvent] {
    (0..<count).map { _ in
      EnrichedEvent(
        timestamp: EventTimestamp(microsecondsSinceUnixEpoch: instant()), event: event(),
        environment: random.pick([nil, "production", "staging"]))
    }
  }

  private mutating func instant() -> Int64 {
    let seconds = range.lowerBound.timeIntervalSince1970...range.upperBound.timeIntervalSince1970
    let any = Int64(Double.random(in: seconds, using: &random) * 1_000_000)
    // An instant at a quarter of an hour, or a microsecond before it.
    guard random.chance(0.2) else { return any }
    let quarter = any - any % 900_000_000
    return max(Int64(seconds.lowerBound) * 1_000_000, quarter - (random.chance(0.5) ? 1 : 0))
  }

  private mutating func user() -> UUID {
    // The first user has events in the whole range.
    random.chance(0.1) ? users[0] : random.pick(users)
  }

  /// A duration of zero, a small one, or a large one.
  private mutating func duration() -> Int {
    random.chance(0.1) ? 0 : random.chance(0.3) ? random.below(60) : random.below(100_000)
  }

  private mutating func event() -> AnalyticsEvent {
    let provider = random.pick(["github", "gitlab", "slack"])
    switch random.below(23) {
    case 0: return .taskCreated(taskID: random.uuid(), userID: user(), command: "ls")
    case 1: return .taskStarted(taskID: random.uuid(), userID: user())
    case 2:
      return .taskCompleted(
        taskID: random.uuid(), userID: user(), durationMS: duration(), exitCode: 0)
    case 3: return .taskFailed(taskID: random.uuid(), userID: user(), durationMS: 5, error: "no")
    case 4: return .taskCancelled(taskID: random.uuid(), userID: user())
    case 5:
      return .integrationConnected(
        integrationID: random.pick(things), userID: user(), provider: provider)
    case 6:
      return .integrationDisconnected(integrationID: things[0], userID: user(), provider: provider)
    case 7:
      return .integrationUsed(
        integrationID: things[0], userID: user(), provider: provider, action: "push")
    case 8:
      return .integrationError(
        integrationID: things[0], userID: user(), provider: provider, error: "no")
    case 9:
      return .authLoginAttempt(
        userID: random.chance(0.7) ? user() : nil, email: "a@example.org",
        success: random.chance(0.5))
    case 10: return .authCodeVerified(userID: user(), success: random.chance(0.5))
    case 11: return .authTokenRefresh(userID: user(), success: random.chance(0.5))
    case 12: return .cocoonRegistered(cocoonID: random.pick(things), userID: user())
    case 13: return .cocoonConnected(cocoonID: random.pick(things))
    case 14: return .cocoonDisconnected(cocoonID: random.pick(things), durationSeconds: duration())
    case 15:
      return .cocoonClaimed(cocoonID: random.pick(things), userID: user(), viaSetupToken: true)
    case 16:
      return .applicationError(
        service: random.pick(["web", "api"]), errorType: random.pick(["Timeout", "Crash"]),
        errorMessage: "message \(random.below(9))", userID: random.chance(0.5) ? user() : nil)
    case 17:
      return .databaseQuery(
        service: random.pick(["web", "api"]), queryType: random.pick(["select", "insert"]),
        durationMS: duration(), rowsAffected: random.chance(0.5) ? random.below(100) : nil)
    case 18: return .webhookReceived(provider: provider, eventType: "push", deliveryID: "d")
    case 19:
      return .webhookProcessed(
        provider: provider, eventType: "push", deliveryID: "d", success: random.chance(0.5),
        durationMS: duration())
    default:
      return .apiRequest(
        service: random.pick(["web", "api"]), endpoint: "/e/\(random.below(3))",
        method: random.pick(["GET", "POST"]),
        statusCode: random.pick([200, 302, 399, 400, 404, 499, 500, 503, 599, 600]),
        durationMS: duration(), userID: random.chance(0.5) ? user() : nil)
    }
  }

  mutating func ids(_ count: Int) -> [UUID] { (0..<count).map { _ in random.uuid() } }
}
