import Analytics
import Foundation

/// Events of a busy platform, equal for equal seeds: 55 % requests over 50 endpoints, 10 % database queries, the rest
/// tasks, log-ins, integrations, cocoons, errors and webhooks.
///
/// There are 200,000 users, and some 25,000 are active on a day: 5,000 on every day, the others drawn anew each day.
struct Workload {
  private static let usersADay = 25_000
  private static let regulars = 5_000
  private static let users = 200_000

  private var random: UInt64
  private let endpoints = (0..<50).map { "/api/v1/resource\($0)/{id}" }

  init(seed: UInt64 = 20_261_121) { random = seed }

  private mutating func next(below limit: Int) -> Int {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((random >> 33) % UInt64(limit))
  }

  /// Most durations are short, some are long.
  private mutating func duration(below limit: Int) -> Int {
    next(below: limit) * next(below: limit) / limit
  }

  private mutating func pick(_ texts: String...) -> String { texts[next(below: texts.count)] }

  private static func id(_ number: Int) -> UUID {
    var bytes = uuid_t(0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0)
    withUnsafeMutableBytes(of: &bytes) {
      // Random ids are spread over their range, so these are, too.
      let spread = UInt32(truncatingIfNeeded: number) &* 2_654_435_761
      $0.storeBytes(of: spread.bigEndian, toByteOffset: 0, as: UInt32.self)
    }
    return UUID(uuid: bytes)
  }

  /// One of the users who are active on a day.
  private mutating func user(on day: Int) -> UUID {
    let place = next(below: Self.usersADay)
    guard place >= Self.regulars else { return Self.id(place) }
    // splitmix64 (Steele, Lea, Flood).
    var bits = UInt64(day * Self.usersADay + place) &* 0x9e37_79b9_7f4a_7c15
    bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
    return Self.id(Self.regulars + Int(bits % UInt64(Self.users - Self.regulars)))
  }

  /// - Parameter day: The number of a day, which decides who is active.
  mutating func next(on day: Int = 0) -> AnalyticsEvent {
    let user = user(on: day)
    let thing = Self.id(next(below: 1000))
    let provider = pick("github", "gitlab", "slack", "linear")
    switch next(below: 100) {
    case 0..<55:
      return .apiRequest(
        service: "platform", endpoint: endpoints[next(below: endpoints.count)],
        method: pick("GET", "GET", "GET", "POST"), statusCode: next(below: 50) == 0 ? 500 : 200,
        durationMS: duration(below: 2000), userID: user)
    case 55..<65:
      return .databaseQuery(
        service: "platform", queryType: pick("select", "insert", "update", "delete"),
        durationMS: duration(below: 400), rowsAffected: next(below: 100))
    case 65..<69:
      return .taskCreated(
        taskID: thing, userID: user, command: "swift build -c release --product server!")
    case 69..<72: return .taskStarted(taskID: thing, userID: user)
    case 72..<75:
      return .taskCompleted(
        taskID: thing, userID: user, durationMS: duration(below: 600_000), exitCode: 0)
    case 75: return .taskFailed(taskID: thing, userID: user, durationMS: 5, error: "exit 1")
    case 76..<79:
      return .authLoginAttempt(
        userID: user, email: "person@example.org", success: next(below: 10) > 0)
    case 79..<81: return .authTokenRefresh(userID: user, success: true)
    case 81..<86:
      return .integrationUsed(
        integrationID: thing, userID: user, provider: provider, action: "push")
    case 86:
      return .integrationError(
        integrationID: thing, userID: user, provider: provider, error: "refused")
    case 87..<89: return .cocoonConnected(cocoonID: thing, userID: user)
    case 89..<91:
      return .cocoonDisconnected(
        cocoonID: thing, userID: user, durationSeconds: duration(below: 90_000))
    case 91..<95:
      return .applicationError(
        service: "platform", errorType: pick("Timeout", "Crash", "Refused", "Overload"),
        errorMessage: "it did not work, attempt \(next(below: 100))", userID: user)
    case 95..<98: return .webhookReceived(provider: provider, eventType: "push", deliveryID: "d")
    default:
      return .webhookProcessed(
        provider: provider, eventType: "push", deliveryID: "d", success: next(below: 20) > 0,
        durationMS: duration(below: 5000))
    }
  }

  /// A number of events of the last hour, in order of time.
  mutating func lastHour(_ count: Int) -> [EnrichedEvent] {
    let end = Int64(Date().timeIntervalSince1970) * 1_000_000
    let step = 3_600_000_000 / Int64(count)
    return (0..<count).map { index in
      EnrichedEvent(
        timestamp: EventTimestamp(
          microsecondsSinceUnixEpoch: end - 3_600_000_000 + Int64(index) * step),
        event: next(), hostname: "web-1", environment: "production")
    }
  }
}
