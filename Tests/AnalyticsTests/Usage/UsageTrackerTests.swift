import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@testable import Analytics

extension UsageKind {
  static let search = UsageKind("search", counters: ["queries", "hits"], sets: ["users", "words"])
}

@Suite("Usage counters in memory", .timeLimit(.minutes(60)))
struct UsageTrackerTests {
  private let sink = InMemoryUsageSink()

  private func tracker(membersMax: Int = 1000) -> UsageTracker {
    UsageTracker(kinds: [.search], membersMax: membersMax, sink: sink)
  }

  private var boundary: UsageTotals { sink[.boundary] }

  @Test("one user and one workspace are counted")
  func one() async throws {
    let usage = tracker()
    let (workspace, owner) = (UUID(), UUID())
    usage.track(workspaceID: workspace, ownerID: owner, allowed: 2, denied: 1)
    try await usage.flush()
    #expect(boundary.counters == ["allowed_requests": 2, "denied_requests": 1])
    #expect(boundary.sets == ["workspaces": [.id(workspace)], "users": [.id(owner)]])
  }

  @Test("duplicates count once, and their requests count each time")
  func duplicates() async throws {
    let usage = tracker()
    let (workspace, owner) = (UUID(), UUID())
    for _ in 0..<3 { usage.track(workspaceID: workspace, ownerID: owner, allowed: 1) }
    try await usage.flush()
    usage.track(workspaceID: workspace, ownerID: owner, denied: 5)
    try await usage.flush()
    #expect(boundary.counters == ["allowed_requests": 3, "denied_requests": 5])
    #expect(boundary.sets["workspaces"]?.count == 1)
    #expect(boundary.sets["users"]?.count == 1)
  }

  @Test("many users and workspaces are counted")
  func many() async throws {
    let usage = tracker()
    let owners = (0..<7).map { _ in UUID() }
    let workspaces = (0..<100).map { _ in UUID() }
    for (number, workspace) in workspaces.enumerated() {
      usage.track(workspaceID: workspace, ownerID: owners[number % 7], allowed: number)
    }
    try await usage.flush()
    #expect(boundary.sets["workspaces"] == Set(workspaces.map(UsageMember.id)))
    #expect(boundary.sets["users"] == Set(owners.map(UsageMember.id)))
    #expect(boundary.counters["allowed_requests"] == 4950)
  }

  @Test("during concurrent tracking and flushing no count is lost or doubled")
  func concurrentTracking() async throws {
    let usage = tracker()
    let workspaces = (0..<50).map { _ in UUID() }
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<8 {
        group.addTask {
          for call in 0..<1000 {
            usage.track(
              workspaceID: workspaces[(worker + call) % 50], ownerID: workspaces[worker],
              allowed: 1, denied: 2)
          }
        }
      }
      for _ in 0..<20 { group.addTask { try? await usage.flush() } }
    }
    try await usage.flush()
    #expect(boundary.counters == ["allowed_requests": 8000, "denied_requests": 16_000])
    #expect(boundary.sets["workspaces"]?.count == 50)
    #expect(boundary.sets["users"]?.count == 8)
    #expect(usage.dropped == 0)
  }

  @Test("usage that is tracked during a flush is in the next flush")
  func trackingDuringAFlush() async throws {
    let usage = tracker()
    let (entered, leave) = (Latch(), Latch())
    sink.hold {
      entered.open()
      await leave.wait()
    }
    usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
    let flush = Task { try await usage.flush() }
    await entered.wait()
    usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 10)
    sink.hold(nil)
    leave.open()
    try await flush.value
    #expect(boundary.counters["allowed_requests"] == 1)
    try await usage.flush()
    #expect(boundary.counters["allowed_requests"] == 11)
    #expect(boundary.sets["workspaces"]?.count == 2)
  }

  @Test("flushes accumulate: A, B, then C is 3")
  func flushAccumulates() async throws {
    let usage = tracker()
    let (a, b, c) = (UUID(), UUID(), UUID())
    usage.track(workspaceID: a, ownerID: a, allowed: 1)
    usage.track(workspaceID: b, ownerID: b, allowed: 1)
    try await usage.flush()
    usage.track(workspaceID: c, ownerID: c, allowed: 1)
    usage.track(workspaceID: a, ownerID: a, allowed: 1)
    try await usage.flush()
    #expect(boundary.sets["workspaces"] == [.id(a), .id(b), .id(c)])
    #expect(boundary.counters["allowed_requests"] == 4)
  }

  @Test("without activity there is no write")
  func noActivity() async throws {
    let usage = tracker()
    try await usage.flush()
    #expect(sink.writes == 0)
    usage.track(workspaceID: UUID(), ownerID: UUID())
    for _ in 0..<3 { try await usage.flush() }
    #expect(sink.writes == 1)
  }

  @Test("a new period starts at zero, without old data after the reset")
  func newPeriod() async throws {
    let usage = tracker()
    let (old, new) = (UUID(), UUID())
    usage.track(workspaceID: old, ownerID: old, allowed: 7)
    try await usage.flush()
    sink.reset()
    try await usage.flush()
    #expect(boundary.counters.isEmpty && boundary.sets.isEmpty)
    usage.track(workspaceID: new, ownerID: old, denied: 1)
    try await usage.flush()
    #expect(boundary.counters == ["allowed_requests": 0, "denied_requests": 1])
    #expect(boundary.sets == ["workspaces": [.id(new)], "users": [.id(old)]])
  }

  @Test(
    "a failed write keeps its delta; a COMMIT with a lost answer counts once",
    arguments: [false, true])
  func failedWrite(isStored: Bool) async throws {
    let usage = tracker()
    let (a, b) = (UUID(), UUID())
    usage.track(workspaceID: a, ownerID: a, allowed: 1)
    for _ in 0..<3 {
      sink.fail(with: EventSinkError(.retry, outcomeUnknown: true, "away"), isStored: isStored)
      await #expect(throws: EventSinkError.self) { try await usage.flush() }
      usage.track(workspaceID: b, ownerID: a, allowed: 10)
    }
    #expect(boundary.counters["allowed_requests"] == (isStored ? 1 : nil))
    try await usage.flush()
    #expect(boundary.counters["allowed_requests"] == 31)
    #expect(boundary.sets == ["workspaces": [.id(a), .id(b)], "users": [.id(a)]])
    #expect(sink.writes == 2)
  }

  @Test("a cancelled flush keeps its delta")
  func cancelled() async throws {
    let usage = tracker()
    usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
    let (entered, leave) = (Latch(), Latch())
    sink.hold {
      entered.open()
      await leave.wait()
    }
    let first = Task { try await usage.flush() }
    await entered.wait()
    let second = Task { try await usage.flush() }
    second.cancel()
    leave.open()
    try await first.value
    await #expect(throws: CancellationError.self) { try await second.value }
    sink.hold(nil)
    usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
    try await usage.flush()
    #expect(boundary.counters["allowed_requests"] == 2)
  }

  @Test("members beyond the limit are dropped and counted; a successful flush makes room again")
  func bounded() async throws {
    let usage = tracker(membersMax: 10)
    let known = UUID()
    usage.track(workspaceID: known, ownerID: known)
    for _ in 0..<20 { usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1) }
    #expect(usage.dropped == 32)
    sink.fail(with: EventSinkError(.retry, "away"))
    await #expect(throws: EventSinkError.self) { try await usage.flush() }
    // A delta that waits to be written still uses its room.
    usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
    #expect(usage.dropped == 34)
    try await usage.flush()
    #expect(boundary.counters["allowed_requests"] == 21)
    #expect(boundary.sets.values.reduce(0) { $0 + $1.count } == 10)
    for _ in 0..<5 { usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1) }
    #expect(usage.dropped == 34)
    try await usage.flush()
    #expect(boundary.sets.values.reduce(0) { $0 + $1.count } == 20)
  }

  @Test("between two flushes a counter rises to 9 × 10¹⁵ at most, whatever it is given")
  func hugeCounts() async throws {
    let usage = tracker()
    let id = UUID()
    for number in [.max, 1, .min, .max] as [Int] {
      usage.track(workspaceID: id, ownerID: id, allowed: number, denied: 1)
      usage.track(.search, counts: ["queries": number, "queries": number, "hits": 1])
    }
    try await usage.flush()
    let most = Int64(9_000_000_000_000_000)
    #expect(boundary.counters == ["allowed_requests": most, "denied_requests": 4])
    #expect(sink[.search].counters == ["queries": most, "hits": 4])
    usage.track(workspaceID: id, ownerID: id, allowed: 1)
    try await usage.flush()
    #expect(boundary.counters["allowed_requests"] == most + 1)
    // A flush adds up what several processors counted.
    var (one, other) = (UsageTally(UsageLayout([.search])), UsageTally(UsageLayout([.search])))
    one.count(.max, at: 0)
    other.count(.max, at: 0)
    other.count(3, at: 1)
    one.add(other)
    #expect(one.counters == [most, 3])
  }

  @Test("a declared kind counts its declared names, and drops all others")
  func ownKind() async throws {
    let usage = tracker()
    let ada = UUID()
    usage.track(.search, counts: ["queries": 1, "hits": 20], members: ["users": .id(ada)])
    usage.track(.search, counts: ["queries": 1, "hits": -5], members: ["words": .text("größe")])
    #expect(usage.dropped == 0)
    usage.track(.search, counts: ["misses": 1], members: ["cats": .id(ada)])
    usage.track(UsageKind("other", counters: ["n"]), counts: ["n": 1])
    for text in ["", "a\0b", String(repeating: "é", count: 101)] {
      usage.track(.search, members: ["words": .text(text)])
    }
    #expect(usage.dropped == 6)
    try await usage.flush()
    #expect(sink[.search].counters == ["queries": 2, "hits": 20])
    #expect(sink[.search].sets == ["users": [.id(ada)], "words": [.text("größe")]])
    #expect(boundary.counters.isEmpty && boundary.sets.isEmpty)
  }
}
