import Analytics
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Testing

extension OneAtATime {
  @Suite("The server is unreachable for half a minute at 10,000 events a second")
  struct OutageTests {
    private static let threads = SubjectProcess.threads
    /// Events of each thread in each 10 ms.
    private static let burst = 34
    private static let seconds = 30

    /// The largest amounts of a process's memory that were seen, in bytes.
    private struct Peak {
      var anonymous = 0
      var mapped = 0

      mutating func look(at subject: SubjectProcess) throws {
        anonymous = max(anonymous, try subject.memory("RssAnon"))
        mapped = max(mapped, try subject.memory("RssFile") + subject.memory("RssShmem"))
      }
    }

    @Test(
      "memory stays bounded, no event is dropped, and all events are stored once when it is back",
      .timeLimit(.minutes(60)),
      .enabled(
        if: FileManager.default.fileExists(atPath: "/proc/self/status"),
        "only Linux shows how much memory a process has of its own"))
    func outage() async throws {
      try await withProxy { proxy, server, directory in
        let subject = try SubjectProcess(
          url: proxy.url(database: "postgres"), spool: directory + "/spool", incarnation: 1,
          burst: Self.burst, kind: .paced, acknowledgementsIn: directory)
        defer { subject.kill() }
        var before = Peak()
        var away = Peak()
        var back = Peak()
        let database = server.url(database: "postgres")

        // The subject has stored events, so its memory contains all that storing needs.
        let warm = try await onThread {
          while subject.life.accepted.reduce(0, +) < 30_000, !subject.hasEnded(within: 20) {}
          return subject.life.accepted.reduce(0, +)
        }
        try await until(subject) { try await eventCount(database) >= 10_000 }
        try before.look(at: subject)

        proxy.refuse(true)
        proxy.cutAll()
        let target = warm + Self.seconds * 100 * Self.threads * Self.burst
        while subject.life.accepted.reduce(0, +) < target {
          try #require(!subject.hasEnded(within: 100), "the subject has ended")
          try away.look(at: subject)
        }
        let storedWhileAway = try await eventCount(database)
        let spool = try Self.bytes(below: directory + "/spool")
        proxy.refuse(false)

        try await until(subject) {
          try back.look(at: subject)
          return try await eventCount(database) >= target
        }
        subject.kill()
        let accounting = try await drain(
          directory + "/spool", to: proxy.url(database: "postgres"))
        #expect(accounting.isBalanced && accounting.pending == 0)
        let accepted = try await expectStoredOnce([subject.life], in: database)
        print(
          "\(target - storedWhileAway) events waited in \(spool >> 20) MiB; anonymous memory "
            + "\(before.anonymous >> 20) → \(away.anonymous >> 20) → \(back.anonymous >> 20) MiB, "
            + "files mapped \(before.mapped >> 20) → \(away.mapped >> 20) → \(back.mapped >> 20) MiB; "
            + "\(accepted) accepted")
        #expect(storedWhileAway < target / 2, "the server was not away")
        #expect(spool > 20 << 20)
        #expect(away.anonymous - before.anonymous <= 32 << 20)
        // Each of two writers may send a batch of up to 16 MB again. libpq copies its arrays into a buffer that
        // doubles.
        #expect(back.anonymous - before.anonymous <= 96 << 20)
        // Active segments, spare segments, segments filled within a sync interval, and one or two batches.
        #expect(max(away.mapped, back.mapped) - before.mapped <= 64 << 20)
      }
    }

    /// Waits for a condition while the subject lives.
    private func until(
      _ subject: SubjectProcess, _ condition: () async throws -> Bool
    ) async throws {
      while try await !condition() {
        try #require(!subject.hasEnded(within: 50), "the subject has ended")
        try Task.checkCancellation()
      }
    }

    private static func bytes(below directory: String) throws -> Int {
      let names = FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? []
      return names.reduce(0) { sum, name in
        let size = try? FileManager.default.attributesOfItem(atPath: directory + "/" + name)[.size]
        return sum + (size as? Int ?? 0)
      }
    }
  }
}
