import Analytics
import AnalyticsTestSupport
import Foundation
import Testing

extension OneAtATime {
  @Suite("Services that share one spool")
  struct SharedSpoolTests {
    @Test(
      "services for two databases, some of them killed: each event reaches its own database",
      .timeLimit(.minutes(60)))
    func eachInItsPlace() async throws {
      var random = SeededGenerator.printingSeed()
      try await withTestDatabase { ours in
        try await withTestDatabase { theirs in
          try await migrate(ours)
          try await migrate(theirs)
          try await withTemporaryDirectory { directory in
            let spool = directory + "/spool"
            // These services have no worker, so all their events stay in the spool.
            let dead = try await onThread { [seed = random.fork()] in
              var random = seed
              return try [ours, theirs, ours, theirs].enumerated().map { number, url in
                let subject = try SubjectProcess(
                  url: url, spool: spool, incarnation: 100 + number, kind: .noWorker,
                  acknowledgementsIn: directory)
                while subject.life.accepted.contains(0), !subject.hasEnded(within: 5) {}
                _ = subject.hasEnded(within: random.number(0...100))
                subject.kill()
                return subject.life
              }
            }
            let live = try await onThread { [seed = random.fork()] in
              var random = seed
              let subjects = try [ours, ours, theirs].enumerated().map { number, url in
                try SubjectProcess(
                  url: url, spool: spool, incarnation: number, acknowledgementsIn: directory)
              }
              // The first to die has a twin for the same database, which adopts its events.
              defer { for subject in subjects { subject.kill() } }
              _ = subjects[0].hasEnded(within: random.number(300...900))
              subjects[0].kill()
              _ = subjects[1].hasEnded(within: random.number(300...900))
              return subjects.map(\.life)
            }
            for url in [ours, theirs, ours] {
              let accounting = try await drain(spool, to: url)
              #expect(accounting.isBalanced)
              #expect(accounting.pending == 0)
            }
            try await expectStoredOnce([dead[0], dead[2], live[0], live[1]], in: ours)
            try await expectStoredOnce([dead[1], dead[3], live[2]], in: theirs)
            #expect(await leftovers(of: spool) == [])
          }
        }
      }
    }

    @Test("a running service keeps its events while others start and end")
    func livingIsLeftAlone() async throws {
      try await withTestDatabase { url in
        try await migrate(url)
        try await withTemporaryDirectory { directory in
          let subject = try SubjectProcess(
            url: url, spool: directory + "/spool", incarnation: 1, kind: .noWorker,
            acknowledgementsIn: directory)
          defer { subject.kill() }
          try await onThread {
            while subject.life.accepted.contains(0), !subject.hasEnded(within: 5) {}
          }
          let accounting = try await drain(directory + "/spool", to: url)
          #expect(accounting.recovered == 0)
          #expect(try await eventCount(url) == 0)
          subject.kill()
          try await drain(directory + "/spool", to: url)
          try await expectStoredOnce([subject.life], in: url)
        }
      }
    }

    @Test(
      "two containers, each with its service as process 1: neither takes the other's events",
      .enabled(if: SubjectProcess.canBeFirstProcess, "PID namespaces take root and Linux"),
      .timeLimit(.minutes(60)))
    func sameProcessNumber() async throws {
      try await withTestDatabase { url in
        try await migrate(url)
        try await withTemporaryDirectory { directory in
          let lives = try await onThread {
            let subjects = try (0..<2).map { number in
              try SubjectProcess(
                url: url, spool: directory + "/spool", incarnation: number, isFirstProcess: true,
                acknowledgementsIn: directory)
            }
            defer { for subject in subjects { subject.kill() } }
            for subject in subjects {
              while subject.life.accepted.contains(0), !subject.hasEnded(within: 5) {}
            }
            #expect(subjects.map(\.numberInNamespace) == [1, 1])
            _ = subjects[1].hasEnded(within: 700)
            subjects[0].kill()
            // The second service adopts the events and continues to run.
            #expect(!subjects[1].hasEnded(within: 700))
            return subjects.map(\.life)
          }
          let accounting = try await drain(directory + "/spool", to: url)
          #expect(accounting.isBalanced && accounting.pending == 0)
          try await expectStoredOnce(lives, in: url)
          #expect(await leftovers(of: directory + "/spool") == [])
        }
      }
    }
  }
}
