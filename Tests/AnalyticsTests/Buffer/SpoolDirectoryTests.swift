import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The spool directory", .timeLimit(.minutes(60)))
struct SpoolDirectoryTests {
  private func mode(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_mode & 0o777) : -1
  }

  @Test("is readable by its user only, with all its contents")
  func permissions() async throws {
    try await withTemporaryDirectory { directory in
      let root = directory + "/deep/spool"
      let client = try AnalyticsClient(.durable(in: root), sink: UnusedSink())
      client.track(Numbered(number: 1))
      #expect(mode(directory + "/deep") == 0o700)
      #expect(mode(root) == 0o700)
      let names = contents(of: root)
      #expect(names.count > 2)
      for name in names { #expect(mode(root + "/" + name) & 0o077 == 0, "\(name)") }
    }
  }

  @Test("is empty after a clean shutdown")
  func cleanEnd() async throws {
    try await withTemporaryDirectory { directory in
      let sink = InMemorySink()
      do {
        let client = try AnalyticsClient(.durable(in: directory), sink: sink)
        try await withWorker(client) {
          for number in 0..<2000 {
            client.track(Numbered(number: number, padding: String(repeating: "p", count: 200)))
          }
          try await client.flush(timeout: .seconds(300))
        }
      }
      #expect(sink.events.count == 2000)
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("is empty after a client that tracked nothing, and after one that never had a worker")
  func unused() async throws {
    try await withTemporaryDirectory { directory in
      _ = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test(
    "keeps only waiting events each time the buffer is closed, and is used again by later events")
  func closing() async throws {
    try await withTemporaryDirectory { directory in
      do {
        var configuration = AnalyticsConfiguration.durable(in: directory)
        // The interval is so long that the timer uses no stripe while the buffer is closed. Closing skips a stripe that
        // is in use.
        configuration.buffer = .durable(directory: directory, syncInterval: .seconds(3600))
        let client = try AnalyticsClient(configuration, sink: UnusedSink())
        let buffer = try #require(client.core?.buffer)
        for number in 0..<3 {
          buffer.close()
          buffer.close()
          #expect(contents(of: directory).isEmpty)
          #expect(client.track(Numbered(number: number)) == nil)
          buffer.close()
          #expect(segmentFiles(in: directory).count == 1)
          #expect(try buffer.drainAll().count == 1)
        }
        #expect(client.accounting.stored == 3 && client.accounting.isBalanced)
      }
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("reuses a few segments")
  func recycles() async throws {
    try await withTemporaryDirectory { directory in
      let sink = InMemorySink()
      let client = try AnalyticsClient(.durable(in: directory), sink: sink)
      try await withWorker(client) {
        for number in 0..<5000 {
          client.track(Numbered(number: number, padding: String(repeating: "p", count: 900)))
          guard number % 50 == 0 else { continue }
          try await client.flush(timeout: .seconds(300))
          // 5000 events fill some 80 segments. The segments of two stripes and the spares remain, and empty segments
          // until spool maintenance removes them.
          while client.core?.buffer.pool.segmentCount ?? 0 >= 30 {
            try Task.checkCancellation()
            await Task.yield()
          }
        }
      }
      #expect(sink.events.count == 5000)
    }
  }

  @Test("that cannot be used is an error at once, and memory is not used instead")
  func unusable() async throws {
    try await withTemporaryDirectory { directory in
      let file = directory + "/file"
      try Data().write(to: URL(fileURLWithPath: file))
      for path in [file, file + "/below", "/proc/analytics-spool"] {
        let error = #expect(throws: AnalyticsError.self) {
          try AnalyticsClient(.durable(in: path), sink: UnusedSink())
        }
        #expect(error?.code == .spoolUnusable)
      }
    }
  }

  @Test(
    "on a file system that cannot lock, map or reserve is reported as an error at once",
    arguments: [
      (SystemCall.lock, ENOLCK), (.lock, EOPNOTSUPP), (.map, ENODEV), (.reserve, EOPNOTSUPP),
      (.reserve, ENOSPC), (.mkdir, EROFS), (.open, EROFS),
    ])
  func unsuitable(call: SystemCall, code: Int32) async throws {
    try await withTemporaryDirectory { directory in
      let plan = SystemFaultPlan(below: directory)
      defer { plan.end() }
      plan.fail { made, _ in made == call ? code : nil }
      for configuration in [
        AnalyticsConfiguration.durable(in: directory),
        AnalyticsConfiguration(service: "test", buffer: .synchronous(directory: directory)),
      ] {
        let error = #expect(throws: AnalyticsError.self) {
          try AnalyticsClient(configuration, sink: UnusedSink())
        }
        #expect(error?.code == .spoolUnusable)
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(directory) && text.contains(String(cString: strerror(code))))
        #expect(text.contains("choose a directory") && !text.contains("\n"))
      }
      #expect(contents(of: directory).isEmpty)
    }
  }

  @Test("serves two clients of one process, each with a directory of its own")
  func twoClients() async throws {
    try await withTemporaryDirectory { directory in
      let (first, second) = (InMemorySink(), InMemorySink())
      let one = try AnalyticsClient(.durable(in: directory), sink: first)
      let two = try AnalyticsClient(.durable(in: directory), sink: second)
      try await withWorker(one) {
        try await withWorker(two) {
          for number in 0..<500 {
            one.track(Numbered(number: number))
            two.track(Numbered(number: 1000 + number))
          }
          try await one.flush(timeout: .seconds(300))
          try await two.flush(timeout: .seconds(300))
        }
      }
      #expect(first.events.compactMap(\.number).sorted() == Array(0..<500))
      #expect(second.events.compactMap(\.number).sorted() == Array(1000..<1500))
      #expect(one.accounting.recovered == 0)
      #expect(two.accounting.recovered == 0)
    }
  }

  @Test(
    "can only have a destination that fits into the header",
    arguments: [0, 1, 200, 201, 254, 255, 1000])
  func destinationLength(length: Int) async throws {
    try await withTemporaryDirectory { directory in
      let sink = UnusedSink(destination: String(repeating: "d", count: length))
      if (1...200).contains(length) {
        #expect(throws: Never.self) { try AnalyticsClient(.durable(in: directory), sink: sink) }
      } else {
        #expect(throws: AnalyticsError.self) {
          try AnalyticsClient(.durable(in: directory), sink: sink)
        }
      }
    }
  }
}
