import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Synchronization
import Testing

@testable import Analytics

@Suite("A spool directory that is removed while it is used")
struct RemovedDirectoryTests {
  enum Removal: CaseIterable { case root, directory, lock }

  private func remove(_ removal: Removal, _ client: AnalyticsClient, _ root: String) throws {
    let directory = try #require(client.core?.buffer.pool.home?.directory?.path)
    let path =
      switch removal {
      case .root: root
      case .directory: directory
      case .lock: directory + "/lock"
      }
    try? FileManager.default.removeItem(atPath: path)
  }

  @Test(
    "is created again: no event is dropped, and later events survive the process",
    arguments: Removal.allCases)
  func madeAnew(removal: Removal) async throws {
    try await withTemporaryDirectory { directory in
      let root = directory + "/spool"
      let client = try AnalyticsClient(.durable(in: root), sink: UnusedSink(destination: "memory"))
      let padding = String(repeating: "p", count: 900)
      for number in 0..<100 { client.track(Numbered(number: number, padding: padding)) }
      try remove(removal, client, root)
      // The sync that runs every second does this, and reports that it cannot sync removed files.
      try? client.core?.buffer.syncAndUnmap()
      try client.core?.buffer.prepareSegments()
      for number in 100..<500 {
        #expect(client.track(Numbered(number: number, padding: padding)) == nil)
      }
      // The copy is the spool as a killed process leaves it.
      let copy = directory + "/copy"
      try FileManager.default.copyItem(atPath: root, toPath: copy)
      let sink = InMemorySink()
      let next = try AnalyticsClient(.durable(in: copy), sink: sink)
      try await withWorker(next) {}
      let numbers = Set(sink.events.compactMap(\.number))
      #expect(numbers.count == sink.events.count)
      // If only the lock is gone, the active segment still exists, and events are appended to it.
      #expect(numbers.isSuperset(of: removal == .lock ? 200..<500 : 100..<500))
      // The running process still delivers all events.
      let buffer = try #require(client.core?.buffer)
      #expect(Set(try buffer.drainAll()).count == 500)
      #expect(client.accounting.isBalanced && client.accounting.dropped.isEmpty)
    }
  }

  @Test("is noticed in synchronous mode before an event is acknowledged")
  func synchronous() async throws {
    try await withTemporaryDirectory { directory in
      let root = directory + "/spool"
      var configuration = AnalyticsConfiguration(
        service: "test", buffer: .synchronous(directory: root, limitBytes: 16 << 20))
      configuration.segmentBytes = 64 << 10
      let client = try AnalyticsClient(configuration, sink: UnusedSink(destination: "memory"))
      #expect(client.track(Numbered(number: 1)) == nil)
      try remove(.root, client, root)
      let stripes = try #require(client.core?.buffer).stripes.filter { $0.counts.tracked > 0 }
      let before = stripes.map(\.counts.tracked)
      // Each stripe may notice once that its segment is gone. A stripe without a segment creates one. The processor
      // that the thread runs on decides which stripes are used.
      let refused = (2..<10).filter { client.track(Numbered(number: $0)) == .unavailable }
      let areUsedAgain = stripes.map(\.counts.tracked) != before
      #expect(refused.isEmpty != areUsedAgain && refused.count <= 4)
      let sink = InMemorySink()
      try FileManager.default.copyItem(atPath: root, toPath: directory + "/copy")
      let next = try AnalyticsClient(.durable(in: directory + "/copy"), sink: sink)
      try await withWorker(next) {}
      #expect(Set(sink.events.compactMap(\.number)) == Set(2..<10).subtracting(refused))
    }
  }

  @Test("is not confused with a segment that is drained and removed while it is synced")
  func drainedMeanwhile() async throws {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let buffer = try #require(client.core?.buffer)
      let padding = String(repeating: "p", count: 900)
      for number in 0..<300 { client.track(Numbered(number: number, padding: padding)) }
      let before = Set(segmentFiles(in: directory))
      let drained = Mutex<Int?>(nil)
      let isFirst = Atomic(true)
      let meanwhile: SystemFaults.Plan = { call, _ in
        guard call == .syncMemory, isFirst.exchange(false, ordering: .relaxed) else { return nil }
        let isDone = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
          let ids = try? buffer.drainAll()
          try? buffer.prepareSegments()
          drained.withLock { $0 = ids?.count }
          isDone.signal()
        }
        isDone.wait()
        return nil
      }
      SystemFaults.set(meanwhile, below: directory)
      defer { SystemFaults.set(nil, below: directory) }
      try buffer.syncAndUnmap()
      #expect(drained.withLock { $0 } == 300)
      #expect(!before.isSubset(of: segmentFiles(in: directory)))
    }
  }

  @Test("costs a worker no event", arguments: Removal.allCases)
  func worker(removal: Removal) async throws {
    try await withTemporaryDirectory { directory in
      let root = directory + "/spool"
      let sink = InMemorySink()
      let client = try AnalyticsClient(.durable(in: root), sink: sink)
      try await withWorker(client) {
        for round in 0..<5 {
          for number in 0..<200 { client.track(Numbered(number: round * 200 + number)) }
          try remove(removal, client, root)
          try? client.core?.buffer.syncAndUnmap()
        }
        try await client.flush(timeout: .seconds(300))
      }
      #expect(sink.events.compactMap(\.number).sorted() == Array(0..<1000))
      #expect(client.accounting.dropped.isEmpty && client.accounting.isBalanced)
    }
  }
}
