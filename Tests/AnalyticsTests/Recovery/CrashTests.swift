import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A process killed with SIGKILL", .serialized)
struct CrashTests {
  private static let threads = 3

  @Test("loses no event that track accepted, and none is stored twice", .timeLimit(.minutes(60)))
  func killed() async throws {
    var random = SeededGenerator.printingSeed()
    for round in 0..<20 {
      let seed = random.next() >> 1
      // The process is killed after a random number of accepted events: early, or after some segments.
      let enough = 1 + random.below(round % 2 == 0 ? 10 : 20_000)
      try await withTemporaryDirectory { directory in
        let accepted = try run(seed: seed, in: directory, untilAcknowledged: enough)
        let sink = InMemorySink()
        do {
          let client = try AnalyticsClient(.durable(in: directory + "/spool"), sink: sink)
          try await withWorker(client) {}
          #expect(client.accounting.duplicates == 0)
          #expect(client.accounting.isBalanced)
        }
        try compare(sink.events, with: accepted)
        #expect(await leftovers(of: directory + "/spool") == [])
      }
    }
  }

  /// The events of each thread must be there once, from the first to the last accepted one, without a gap. One more may
  /// be there, whose call of `track` had not returned.
  private func compare(_ events: [StoredEvent], with accepted: [Int]) throws {
    var sequences = [[Int]](repeating: [], count: Self.threads)
    for event in events {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(event.data.utf8)) as? [String: Any])
      sequences[try #require(object["thread"] as? Int)].append(
        try #require(object["sequence"] as? Int))
    }
    for (found, accepted) in zip(sequences, accepted) {
      #expect(found.count >= accepted && found.count <= accepted + 1)
      #expect(found.sorted() == Array(1..<found.count + 1))
    }
  }

  /// Runs the crash subject and kills it. Returns the last accepted sequence number of each thread.
  private func run(seed: UInt64, in directory: String, untilAcknowledged enough: Int) throws
    -> [Int]
  {
    let file = directory + "/acknowledgements"
    let subject = try ChildProcess(
      product("AnalyticsCrashSubject").path,
      [directory + "/spool", "memory", "\(Self.threads)", "\(seed)", file])
    while try acknowledged(file).reduce(0, +) < enough, subject.isRunning { sched_yield() }
    #expect(subject.isRunning)
    subject.signal(SIGKILL)
    #expect(subject.wait() == .killed(SIGKILL))
    return try acknowledged(file)
  }

  private func acknowledged(_ file: String) throws -> [Int] {
    guard let data = FileManager.default.contents(atPath: file), data.count == 64 * Self.threads
    else { return [] }
    return (0..<Self.threads).map { thread in
      data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 64 * thread, as: Int.self) }
    }
  }
}
