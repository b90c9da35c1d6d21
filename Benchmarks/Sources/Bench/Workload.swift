import Analytics
import Foundation

/// Events as a busy platform has them, the same for the same seed: mostly requests, then tasks.
struct Workload {
  private var random: UInt64
  private let users: [UUID]
  private let endpoints = (0..<50).map { "/api/v1/resource\($0)/{id}" }

  init(seed: UInt64 = 20_261_121) {
    random = seed
    users = (0..<25_000).map { index in
      var bytes = uuid_t(0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0)
      withUnsafeMutableBytes(of: &bytes) {
        $0.storeBytes(of: UInt32(index), toByteOffset: 0, as: UInt32.self)
      }
      return UUID(uuid: bytes)
    }
  }

  private mutating func next(below limit: Int) -> Int {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((random >> 33) % UInt64(limit))
  }

  mutating func next() -> AnalyticsEvent {
    let user = users[next(below: users.count)]
    let choice = next(below: 10)
    if choice < 6 {
      return .apiRequest(
        service: "platform", endpoint: endpoints[next(below: endpoints.count)],
        method: choice < 4 ? "GET" : "POST", statusCode: next(below: 50) == 0 ? 500 : 200,
        durationMS: next(below: 900), userID: user)
    }
    let task = UUID()
    switch choice {
    case 6:
      return .taskCreated(
        taskID: task, userID: user, command: "swift build -c release --product server!")
    case 7: return .taskStarted(taskID: task, userID: user)
    case 8:
      return .taskCompleted(
        taskID: task, userID: user, durationMS: next(below: 60_000), exitCode: 0)
    default:
      return .integrationUsed(
        integrationID: users[next(below: 100)], userID: user, provider: "github", action: "push")
    }
  }

  /// So many events of the last hour, in order of time.
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
