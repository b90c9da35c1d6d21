import Analytics
import AnalyticsTestSupport
import Foundation
import Testing

extension OneAtATime {
  @Suite("Services killed with SIGKILL while they track and store", .serialized)
  struct KillTests {
    private static let lanes = 4
    private static let killsPerLane = 52

    @Test(
      "after 200 kills, every acknowledged event is stored exactly once", .timeLimit(.minutes(60)))
    func killed() async throws {
      var random = SeededGenerator.printingSeed()
      try await withTestDatabase { url in
        try await migrate(url)
        try await withTemporaryDirectory { directory in
          let (first, milliseconds) = try await killOnceStored(url: url, in: directory)
          let storedByTheFirst = try await eventCount(url)
          let lives =
            try await killSubjects(
              lanes: Self.lanes, killsPerLane: Self.killsPerLane,
              lifeMilliseconds: 30...max(350, 2 * milliseconds), url: url, in: directory,
              using: &random, until: { try await eventCount(url) > storedByTheFirst }) + [first]
          #expect(lives.count >= 200)
          let storedByTheDead = try await eventCount(url)
          let accounting = try await drain(directory + "/spool", to: url)
          #expect(accounting.isBalanced)
          #expect(accounting.pending == 0)
          let accepted = try await expectStoredOnce(lives, in: url)
          print(
            "\(lives.count) kills, \(accepted) events accepted, \(storedByTheDead) stored by the dead, \(accounting)"
          )
          // Otherwise the services died before they had stored anything.
          #expect(accepted > 1_000 && storedByTheDead > storedByTheFirst)
          #expect(await leftovers(of: directory + "/spool") == [])
        }
      }
    }
  }
}

/// Measures how long a single service on this machine takes until an event of it is stored. A service that is to store
/// something before it dies has to live this long.
func killOnceStored(
  url: String, in directory: String
) async throws -> (SubjectProcess.Life, milliseconds: Int) {
  let start = ContinuousClock.now
  let subject = try SubjectProcess(
    url: url, spool: directory + "/spool", incarnation: 900_000_000, burst: 10,
    acknowledgementsIn: directory)
  while try await eventCount(url) == 0 {
    try #require(!subject.hasEnded(within: 5), "the subject has ended")
  }
  let taken = start.duration(to: .now)
  subject.kill()
  return (subject.life, Int(taken / .milliseconds(1)))
}

/// Starts subjects on one spool, some at the same time, and kills each at a random moment. The next subject adopts the
/// segments of the dead ones.
///
/// - Parameter isEnough: Whether the subjects have stored something. If not, further subjects live twice as long, at
///   most five times: on a busy machine subjects that run at the same time need longer than a single one.
func killSubjects(
  lanes: Int, killsPerLane: Int, firstIncarnation: Int = 0, lifeMilliseconds: ClosedRange<Int>,
  url: String, in directory: String, using random: inout SeededGenerator,
  until isEnough: () async throws -> Bool
) async throws -> [SubjectProcess.Life] {
  var lives: [SubjectProcess.Life] = []
  for attempt in 0...5 {
    lives += try await killSubjects(
      lanes: lanes, killsPerLane: killsPerLane,
      firstIncarnation: firstIncarnation + attempt * 10_000_000,
      lifeMilliseconds: lifeMilliseconds.lowerBound...(lifeMilliseconds.upperBound << attempt),
      url: url, in: directory, using: &random)
    if try await isEnough() { break }
  }
  return lives
}

private func killSubjects(
  lanes: Int, killsPerLane: Int, firstIncarnation: Int, lifeMilliseconds: ClosedRange<Int>,
  url: String, in directory: String, using random: inout SeededGenerator
) async throws -> [SubjectProcess.Life] {
  let lanes = (0..<lanes).map { ($0, random.fork()) }
  return try await withThrowingTaskGroup(of: [(SubjectProcess.Life, Bool)].self) { group in
    for (lane, random) in lanes {
      group.addTask {
        try await onThread {
          var random = random
          return try (0..<killsPerLane).map { round in
            let subject = try SubjectProcess(
              url: url, spool: directory + "/spool",
              incarnation: firstIncarnation + lane * 1_000_000 + round,
              burst: random.number(1...20), acknowledgementsIn: directory)
            // Some subjects die while they start, others after they have stored for a while.
            let endedByItself = subject.hasEnded(
              within: random.number(0...9) == 0
                ? random.number(0...60) : random.number(lifeMilliseconds))
            return (subject.life, subject.kill() && !endedByItself)
          }
        }
      }
    }
    let deaths = try await group.reduce(into: []) { $0 += $1 }
    let unasked = deaths.filter { !$0.1 }.map(\.0.incarnation)
    #expect(unasked.isEmpty, "subjects ended by themselves")
    return deaths.map(\.0)
  }
}
