import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A process that forks without an exec", .timeLimit(.minutes(60)))
struct ForkTests {
  private func subject(
    _ program: String, _ directory: String, events: Int, output: ChildProcess.Stream = .inherited
  ) throws -> ChildProcess {
    try ChildProcess(
      product("AnalyticsCrashSubject").path, [program, directory, "\(events)"], output: output)
  }

  @Test("loses and doubles no event, whether parent, child or grandchild tracks")
  func family() async throws {
    try await withTemporaryDirectory { directory in
      #expect(try await subject("family", directory, events: 3000).ended() == .exited(0))
      let sink = InMemorySink()
      do {
        let client = try AnalyticsClient(.durable(in: directory), sink: sink)
        try await withWorker(client) {}
        #expect(client.accounting.recovered == 12_000 && client.accounting.duplicates == 0)
      }
      #expect(sink.events.compactMap(\.number).sorted() == Array(0..<12_000))
      #expect(Set(sink.events.map(\.id)).count == 12_000)
      #expect(await leftovers(of: directory) == [])
    }
  }

  @Test("leaves its events to other processes when it dies, although its child still runs")
  func orphan() async throws {
    try await withTemporaryDirectory { directory in
      let output = directory + "/child"
      _ = try subject("orphan", directory, events: 100, output: .file(output))
      var child: pid_t = 0
      try await until {
        let text = FileManager.default.contents(atPath: output).map {
          String(decoding: $0, as: UTF8.self)
        }
        child = text?.split(separator: "\n").first.flatMap { pid_t($0) } ?? 0
        return child > 0
      }
      defer { kill(child, SIGKILL) }
      let client = try AnalyticsClient(.durable(in: directory), sink: InMemorySink())
      let buffer = try #require(client.core?.buffer)
      // Waits until the system has released the lock of the dead process.
      try await until { (try? buffer.adopt().rows) == 100 }
      #expect(kill(child, 0) == 0)
      #expect(Set(try buffer.drainAll()).count == 100)
    }
  }
}
