import Analytics
import Foundation
import Testing

@testable import AnalyticsCommand

@Suite("The events of a simulation", .timeLimit(.minutes(60)))
struct DemoStreamTests {
  private static let now = EventTimestamp(microsecondsSinceUnixEpoch: 1_780_000_000_000_000)
  private static let day: Int64 = 86_400_000_000

  /// The events of a number of days from a Thursday afternoon on.
  private func events(
    days: Int64 = 7, seed: UInt64 = 1, rate: Double = 0.1, historyDays: Int64 = 0
  ) -> [DemoEvent] {
    var start = Self.now
    start.microsecondsSinceUnixEpoch -= historyDays * Self.day
    var stream = DemoStream(seed: seed, from: start, pace: .init(rate: rate, now: Self.now))
    var events: [DemoEvent] = []
    while true {
      let event = stream.next()
      guard
        event.timestamp.microsecondsSinceUnixEpoch
          < start.microsecondsSinceUnixEpoch + days * Self.day
      else { return events }
      events.append(event)
    }
  }

  @Test("are the same for the same seed, and different for another seed")
  func seeds() {
    let events = events(days: 1)
    #expect(events.count > 1000)
    #expect(events == self.events(days: 1))
    #expect(events != self.events(days: 1, seed: 2))
  }

  @Test("are in the order of their times, and as many as requested")
  func rate() {
    let events = events()
    #expect(zip(events, events.dropFirst()).allSatisfy { $0.timestamp <= $1.timestamp })
    let expected = 0.1 * 7 * 86_400
    #expect(abs(Double(events.count) / expected - 1) < 0.05, "\(events.count)")
  }

  @Test("have a pace of their own in the history, in which more people come with time")
  func history() {
    let events = events(days: 14, historyDays: 14)
    #expect((30_000...60_000).contains(events.count), "\(events.count)")
    func people(_ events: some Sequence<DemoEvent>) -> Int {
      let users = events.compactMap { event -> UUID? in
        if case .apiRequest(_, _, _, _, _, let user) = event.event { user } else { nil }
      }
      return Set(users).count
    }
    #expect(people(events.suffix(4000)) > people(events.prefix(4000)) + 20)
  }

  @Test("are rare at night, and include every kind")
  func variety() {
    let events = events()
    var hours = [Int](repeating: 0, count: 24)
    for event in events {
      hours[Int(event.timestamp.microsecondsSinceUnixEpoch / 3_600_000_000 % 24)] += 1
    }
    #expect((hours.max() ?? 0) > 3 * (hours.min() ?? 0), "\(hours)")
    let types = Set(events.map { String("\($0.event)".prefix { $0 != "(" }) })
    #expect(types.count >= 24, "\(types.sorted())")
  }

  @Test("end a task after it began, at most once, with the correct duration")
  func tasks() {
    var created: [String: EventTimestamp] = [:]
    var started: [String: EventTimestamp] = [:]
    var ended: Set<String> = []
    for event in events(days: 2) {
      switch event.event {
      case .taskCreated(let task, _, _, _, _): created[task.uuidString] = event.timestamp
      case .taskStarted(let task, _, _):
        #expect(created[task.uuidString] != nil)
        started[task.uuidString] = event.timestamp
      case .taskCompleted(let task, _, let milliseconds, _):
        let start = started[task.uuidString]?.microsecondsSinceUnixEpoch ?? 0
        let passed = (event.timestamp.microsecondsSinceUnixEpoch - start) / 1000
        #expect(abs(passed - Int64(milliseconds)) <= 1)
        #expect(ended.insert(task.uuidString).inserted)
      default: break
      }
    }
    #expect(ended.count > 300, "\(ended.count)")
  }
}
