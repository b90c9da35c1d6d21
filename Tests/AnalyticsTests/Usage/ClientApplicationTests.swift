import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import ServiceLifecycle
import Synchronization
import Testing

@testable import Analytics

@Suite("Client applications in memory", .timeLimit(.minutes(60)))
struct ClientApplicationTests {
  private let sink = InMemoryUsageSink()

  private func application(_ name: String, _ instance: String = "1") -> ClientApplication {
    ClientApplication(
      name: name, instanceID: instance,
      startedAt: EventTimestamp(microsecondsSinceUnixEpoch: 5))
  }

  @Test("an instance that is seen often is written once, with its last sighting")
  func merged() async throws {
    let time = Mutex<Int64>(0)
    let clients = ClientApplications(
      sink: sink, own: application("own"),
      now: { EventTimestamp(microsecondsSinceUnixEpoch: time.withLock { $0 }) })
    for instant in [10, 30, 20] as [Int64] {
      time.withLock { $0 = instant }
      var seen = application("shop")
      seen.version = "\(instant)"
      #expect(clients.recordSighting(seen))
      clients.recordSighting(application("shop", "2"))
    }
    try await clients.flush()
    let found = Dictionary(
      uniqueKeysWithValues: sink.clients.map {
        ("\($0.application.name) \($0.application.instanceID)", $0)
      })
    #expect(found.keys.sorted() == ["own 1", "shop 1", "shop 2"])
    #expect(found["shop 1"]?.lastSeen.microsecondsSinceUnixEpoch == 30)
    #expect(found["shop 1"]?.application.version == "30")
    #expect(sink.writes == 1)
    // From now on each flush writes only the process itself.
    try await clients.flush()
    #expect(sink.clients.count == 4)
  }

  @Test("a failed write is repeated; without sightings there is no write")
  func failed() async throws {
    let clients = ClientApplications(sink: sink)
    try await clients.flush()
    #expect(sink.writes == 0)
    clients.recordSighting(application("shop"))
    sink.fail(with: EventSinkError(.retry, "away"))
    await #expect(throws: EventSinkError.self) { try await clients.flush() }
    #expect(sink.clients.isEmpty)
    try await clients.flush()
    #expect(sink.clients.map(\.application.name) == ["shop"])
  }

  @Test("texts that are too long are refused, and so are instances beyond the limit")
  func bounded() {
    let clients = ClientApplications(sink: sink)
    for name in ["", String(repeating: "n", count: 101), "a\0"] {
      #expect(!clients.recordSighting(application(name)))
    }
    #expect(!clients.recordSighting(application("shop", String(repeating: "i", count: 201))))
    for number in 0..<ClientApplications.waitingMax {
      #expect(clients.recordSighting(application("shop", "\(number)")))
    }
    #expect(!clients.recordSighting(application("shop", "one more")))
    #expect(clients.recordSighting(application("shop", "7")))
  }

  @Test("a start outside the years 1 to 9999 is refused, also that of the process itself")
  func starts() async throws {
    func started(_ microseconds: Int64) -> ClientApplication {
      var instance = application("shop", "\(microseconds)")
      instance.startedAt = EventTimestamp(microsecondsSinceUnixEpoch: microseconds)
      return instance
    }
    let first = EventTimestamp.supportedRange.lowerBound.microsecondsSinceUnixEpoch
    let end = EventTimestamp.supportedRange.upperBound.microsecondsSinceUnixEpoch
    let clients = ClientApplications(sink: sink, own: started(.max))
    for refused in [.min, first - 1, end, .max] as [Int64] {
      #expect(!clients.recordSighting(started(refused)))
    }
    for accepted in [first, end - 1] { #expect(clients.recordSighting(started(accepted))) }
    try await clients.flush()
    #expect(
      Set(sink.clients.map(\.application.startedAt.microsecondsSinceUnixEpoch)) == [first, end - 1])
  }

  @Test("a process has its configuration's service, version and environment, and a new id")
  func own() {
    var configuration = AnalyticsConfiguration(service: "shop", environment: "staging")
    configuration.version = "1.2.3"
    configuration.now = { EventTimestamp(microsecondsSinceUnixEpoch: 7) }
    let (one, other) = (ClientApplication(configuration), ClientApplication(configuration))
    #expect(one.name == "shop" && one.version == "1.2.3" && one.environment == "staging")
    #expect(one.startedAt.microsecondsSinceUnixEpoch == 7)
    #expect(one.instanceID != other.instanceID)
    #expect(UUID(uuidString: one.instanceID) != nil)
  }

  @Test("the usage worker registers the process at every interval")
  func heartbeat() async throws {
    let clock = ManualClock()
    let worker = UsageWorker(
      UsageTracker(sink: sink),
      applications: ClientApplications(sink: sink, own: application("own")),
      interval: .seconds(60), clock: clock, logger: silentLogger)
    let group = ServiceGroup(services: [worker], logger: silentLogger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      for beats in 1...3 {
        await clock.waitForSleepers(1)
        #expect(sink.clients.count == beats)
        clock.advance(by: .seconds(60))
      }
      await clock.waitForSleepers(1)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    #expect(sink.clients.count == 5)
  }
}
