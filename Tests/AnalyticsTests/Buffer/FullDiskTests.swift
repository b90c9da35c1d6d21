import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite(
  "A spool on a full disk", .timeLimit(.minutes(60)),
  .enabled(if: SmallDisk.obstacle == nil, "\(SmallDisk.obstacle ?? "")"))
struct FullDiskTests {
  private let padding = String(repeating: "p", count: 900)

  @Test("drops and counts events that do not fit, logs it once, and continues when there is space")
  func fills() async throws {
    try await SmallDisk.with(bytes: 2 << 20) { disk in
      let sink = GatedSink()
      let log = RecordedLog()
      do {
        var configuration = AnalyticsConfiguration.durable(in: disk.path + "/spool")
        configuration.flushInterval = .milliseconds(20)
        let client = try AnalyticsClient(configuration, sink: sink)
        var acknowledged: [Int] = []
        var refused = 0
        func track(_ number: Int) {
          switch client.track(Numbered(number: number, padding: padding)) {
          case nil: acknowledged.append(number)
          case .unavailable: refused += 1
          case let reason?: Issue.record("dropped as \(reason)")
          }
        }
        try await withWorker(client, logger: log.logger) {
          // This client uses half of the disk, and another program uses the rest.
          for number in 0..<1000 { track(number) }
          #expect(refused == 0)
          try disk.fill()
          for number in 1000..<6000 { track(number) }
          #expect(refused > 3000)
          #expect(client.accounting.dropped == [.unavailable: refused])
          try await until { log.lines.contains { $0.contains("events are dropped") } }

          try disk.empty()
          // The sink still fails, but the free space is found.
          var number = 6000
          let before = acknowledged.count
          while acknowledged.count < before + 200 {
            try Task.checkCancellation()
            track(number)
            number += 1
            await Task.yield()
          }
          sink.open()
          try await client.flush(timeout: .seconds(300))
        }
        let numbers = sink.stored.events.compactMap(\.number)
        #expect(numbers.sorted() == acknowledged)
        #expect(client.accounting.isBalanced)
        #expect(client.accounting.dropped == [.unavailable: refused])
        #expect(client.accounting.duplicates == 0)
      }
      #expect(await leftovers(of: disk.path + "/spool") == [])
      let making = log.lines.filter { $0.contains("new segments can") }
      #expect(making.filter { $0.hasPrefix("warning") }.count == 1, "\(log.lines)")
      #expect(making.first?.contains("new segments cannot be created") == true)
      #expect(making.first?.contains("No space left on device") == true)
      // If the existing segments suffice, the worker ends before it makes another one.
      #expect(
        making.dropFirst().allSatisfy { $0.contains("recovered: new segments can be created") },
        "\(log.lines)")
    }
  }

  @Test("is an error at the start, which leaves no files, and is solved by freeing space")
  func start() async throws {
    try await SmallDisk.with(bytes: 1 << 20) { disk in
      try disk.fill()
      for _ in 0..<20 {
        let error = #expect(throws: AnalyticsError.self) {
          try AnalyticsClient(.durable(in: disk.path + "/spool"), sink: UnusedSink())
        }
        #expect(error?.code == .spoolUnusable)
        #expect(error?.description.contains("No space left on device") == true)
      }
      #expect(contents(of: disk.path + "/spool").isEmpty)
      try disk.empty()
      let client = try AnalyticsClient(.durable(in: disk.path + "/spool"), sink: UnusedSink())
      #expect(client.track(Numbered(number: 1)) == nil)
    }
  }

  @Test("that fills up during adoption loses none of the dead process's events")
  func adoption() async throws {
    try await SmallDisk.with(bytes: 2 << 20) { disk in
      let ids = try await DeadProcess.leave(in: disk.path + "/spool") { client in
        for number in 0..<300 { client.track(Numbered(number: number, padding: padding)) }
      }
      let sink = InMemorySink()
      let client = try AnalyticsClient(.durable(in: disk.path + "/spool"), sink: sink)
      try disk.fill()
      try await withWorker(client) {}
      #expect(Set(sink.events.map(\.id)) == Set(ids) && sink.events.count == ids.count)
      #expect(client.accounting.isBalanced)
    }
  }
}
