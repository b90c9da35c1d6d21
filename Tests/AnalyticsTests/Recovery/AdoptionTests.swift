import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The spool of a dead process")
struct AdoptionTests {
  @Test("is stored once by the next client, and its directory is removed")
  func adopts() async throws {
    try await withTemporaryDirectory { directory in
      let ids = try await DeadProcess.leave(in: directory) { client in
        for number in 0..<1000 {
          client.track(Numbered(number: number, padding: String(repeating: "p", count: 300)))
        }
      }
      let sink = InMemorySink()
      do {
        let client = try AnalyticsClient(.durable(in: directory), sink: sink)
        try await withWorker(client) {}
        #expect(client.accounting.recovered == 1000)
        #expect(client.accounting.stored == 1000)
        #expect(client.accounting.isBalanced)
      }
      #expect(Set(sink.events.map(\.id)) == Set(ids))
      #expect(sink.events.count == 1000)
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("is removed even if it has only spare segments")
  func spares() async throws {
    try await withTemporaryDirectory { directory in
      try await DeadProcess.leave(in: directory) { _ in }
      #expect(!segmentFiles(in: directory).isEmpty)
      do {
        let client = try AnalyticsClient(.durable(in: directory), sink: InMemorySink())
        try await withWorker(client) {}
      }
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("is removed even if a segment was incomplete when the process died")
  func halfBegun() async throws {
    try await withTemporaryDirectory { directory in
      try await DeadProcess.leave(in: directory) { $0.track(Numbered(number: 1)) }
      let file = try #require(
        segmentFiles(in: directory).first { (try? SpoolFile.header($0)) != nil })
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
      // The process resets the counters first, and writes the checksum last.
      try handle.seek(toOffset: 320)
      try handle.write(contentsOf: Data(count: 4096 - 320))
      try handle.close()
      do {
        let client = try AnalyticsClient(.durable(in: directory), sink: InMemorySink())
        try await withWorker(client) {}
        #expect(client.accounting.recovered == 0)
      }
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("for another destination is not changed by a byte")
  func foreign() async throws {
    try await withTemporaryDirectory { directory in
      try await DeadProcess.leave(in: directory, destination: "elsewhere") { client in
        for number in 0..<100 { client.track(Numbered(number: number)) }
      }
      let before = try snapshot(directory)
      let client = try AnalyticsClient(.durable(in: directory), sink: InMemorySink())
      try await withWorker(client) {}
      #expect(client.accounting.recovered == 0)
      for (name, bytes) in before { #expect(try snapshot(directory)[name] == bytes, "\(name)") }
    }
  }

  @Test(
    "in a newer format or layout is not changed by a byte, and its other segments are stored",
    arguments: [8, 12])
  func unknownFormat(offset: UInt64) async throws {
    try await withTemporaryDirectory { directory in
      let ids = try await DeadProcess.leave(in: directory) { client in
        for number in 0..<1000 {
          client.track(Numbered(number: number, padding: String(repeating: "p", count: 300)))
        }
      }
      let used = segmentFiles(in: directory).filter { (try? SpoolFile.header($0)) != nil }
      #expect(used.count > 2)
      let lost = try SpoolFile.waiting(SpoolFile.read(used[0])).count
      try SpoolFile.change(used[0]) { bytes in
        bytes[Int(offset)] = 99
        SpoolFile.checksum(&bytes)
      }
      let before = try Data(contentsOf: URL(fileURLWithPath: used[0]))
      let (sink, log, clock) = (InMemorySink(), RecordedLog(), ManualClock())
      var configuration = AnalyticsConfiguration.durable(in: directory)
      configuration.clock = clock
      let client = try AnalyticsClient(configuration, sink: sink)
      try await withWorker(client, logger: log.logger) {
        for _ in 0..<3 {
          await clock.waitForSleepers(4)
          clock.advance(by: configuration.recoveryInterval)
        }
        try await until { client.accounting.pending == 0 }
      }
      #expect(sink.events.count == ids.count - lost)
      #expect(client.accounting.dropped.isEmpty)
      #expect(try Data(contentsOf: URL(fileURLWithPath: used[0])) == before)
      #expect(log.lines.filter { $0.contains(used[0]) && $0.contains("99") }.count == 1)
      #expect(
        try SpoolReport(directory: directory).producers.flatMap(\.unreadable).map(\.path) == [
          used[0]
        ])
    }
  }

  @Test("with a damaged header is renamed once, logged once, counted once and listed")
  func damaged() async throws {
    try await withTemporaryDirectory { directory in
      let ids = try await DeadProcess.leave(in: directory) { client in
        for number in 0..<1000 {
          client.track(Numbered(number: number, padding: String(repeating: "p", count: 300)))
        }
      }
      let used = segmentFiles(in: directory).filter { (try? SpoolFile.header($0)) != nil }
      let lost = try SpoolFile.waiting(SpoolFile.read(used[0])).count
      try SpoolFile.change(used[0]) { $0[70] ^= 1 }
      let before = try SpoolFile.read(used[0])
      let (sink, log) = (InMemorySink(), RecordedLog())
      for turn in 0..<2 {
        let client = try AnalyticsClient(.durable(in: directory), sink: sink)
        try await withWorker(client, logger: log.logger) {}
        #expect(client.accounting.dropped == (turn == 0 ? [.lost: lost] : [:]))
        #expect(client.accounting.recovered == (turn == 0 ? ids.count : 0))
        #expect(client.accounting.isBalanced)
      }
      #expect(sink.events.count == ids.count - lost)
      let lines = log.lines.filter { !$0.hasPrefix("info") }
      #expect(
        lines == [
          "error events in the spool are lost analytics.events=\(lost) "
            + "analytics.reason=\(used[0]).damaged is damaged: its header is invalid"
        ])
      #expect(try SpoolFile.read(used[0] + ".damaged") == before)
      let listed = try SpoolReport(directory: directory).producers.flatMap(\.unreadable)
      #expect(listed.map(\.path) == [used[0] + ".damaged"])
    }
  }

  @Test("of several services for several destinations is stored only in its own destination")
  func destinations() async throws {
    try await withTemporaryDirectory { directory in
      for (index, destination) in ["production", "staging", "production"].enumerated() {
        try await DeadProcess.leave(in: directory, destination: destination) { client in
          for number in 0..<100 { client.track(Numbered(number: index * 100 + number)) }
        }
      }
      let names = ["production", "staging"]
      let sinks = names.map(InMemorySink.init(destination:))
      let clients = try sinks.map { try AnalyticsClient(.durable(in: directory), sink: $0) }
      for (client, number) in zip(clients, [1000, 2000]) { client.track(Numbered(number: number)) }
      for client in clients { try await withWorker(client) {} }
      #expect(
        sinks[0].events.compactMap(\.number).sorted()
          == Array(0..<100) + Array(200..<300) + [1000])
      #expect(sinks[1].events.compactMap(\.number).sorted() == Array(100..<200) + [2000])
      #expect(clients.map(\.accounting.recovered) == [200, 100])
    }
  }

  @Test("is not adopted while its process runs")
  func alive() async throws {
    try await withTemporaryDirectory { directory in
      let living = try AnalyticsClient(
        .durable(in: directory), sink: UnusedSink(destination: "memory"))
      for number in 0..<100 { living.track(Numbered(number: number)) }
      let client = try AnalyticsClient(.durable(in: directory), sink: InMemorySink())
      try await withWorker(client) {}
      #expect(client.accounting.recovered == 0)
      #expect(try living.waitingRows().count == 100)
    }
  }

  @Test("is adopted by exactly one of many clients that search at the same time")
  func race() async throws {
    for _ in 0..<20 {
      try await withTemporaryDirectory { directory in
        try await DeadProcess.leave(in: directory) { client in
          for number in 0..<200 { client.track(Numbered(number: number)) }
        }
        let sink = InMemorySink()
        let clients = try (0..<4).map { _ in
          try AnalyticsClient(.durable(in: directory), sink: sink)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
          for client in clients { group.addTask { try await withWorker(client) {} } }
          try await group.waitForAll()
        }
        #expect(clients.map(\.accounting.recovered).sorted() == [0, 0, 0, 200])
        #expect(clients.map(\.accounting.duplicates) == [0, 0, 0, 0])
        #expect(sink.events.count == 200)
      }
    }
  }

  @Test("is found regardless of unrelated files beside it in the spool")
  func strangers() async throws {
    try await withTemporaryDirectory { directory in
      let ids = try await DeadProcess.leave(in: directory) { $0.track(Numbered(number: 1)) }
      let first = "00000000-0000-0000-0000-000000000000"
      for name in ["a-file", "0", first + ".old"] {
        try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
      }
      // This directory sorts before all others, and its lock cannot be opened.
      try FileManager.default.createDirectory(
        atPath: directory + "/" + first + "/lock", withIntermediateDirectories: true)
      let sink = InMemorySink()
      let client = try AnalyticsClient(.durable(in: directory), sink: sink)
      try await withWorker(client) {}
      #expect(sink.events.map(\.id) == ids)
    }
  }

  @Test("is found while the worker runs, at its recovery interval")
  func later() async throws {
    try await withTemporaryDirectory { directory in
      let (sink, clock) = (InMemorySink(), ManualClock())
      var configuration = AnalyticsConfiguration.durable(in: directory)
      configuration.clock = clock
      let client = try AnalyticsClient(configuration, sink: sink)
      try await withWorker(client) {
        await clock.waitForSleepers(4)
        try await DeadProcess.leave(in: directory) { $0.track(Numbered(number: 7)) }
        clock.advance(by: configuration.recoveryInterval)
        while sink.events.isEmpty {
          try Task.checkCancellation()
          await Task.yield()
        }
      }
      #expect(sink.events.map(\.number) == [7])
    }
  }

  // MARK: File contents

  private func snapshot(_ directory: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for file in segmentFiles(in: directory) {
      files[file] = try Data(contentsOf: URL(fileURLWithPath: file))
    }
    return files
  }
}
