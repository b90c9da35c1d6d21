import Analytics
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Synchronization
import Testing

extension OneAtATime {
  @Suite("Combined faults")
  struct CombinedFaultTests {
    /// One round by default; `ANALYTICS_FAULT_ROUNDS` sets more.
    private static let rounds =
      ProcessInfo.processInfo.environment["ANALYTICS_FAULT_ROUNDS"].flatMap(Int.init) ?? 1

    @Test("services die, the server restarts, connections are cut: all events are stored once")
    func combined() async throws {
      var random = SeededGenerator.printingSeed()
      try await withProxy { proxy, server, directory in
        let url = proxy.url(database: "postgres")
        let (first, milliseconds) = try await killOnceStored(url: url, in: directory)
        let cuts = Mutex(0)
        let troubles = Task { [seed = random.fork()] in
          try await trouble(proxy, server, using: seed) { cuts.withLock { $0 += 1 } }
        }
        var lives = [first]
        for round in 0..<Self.rounds {
          lives += try await killSubjects(
            lanes: 3, killsPerLane: 12, firstIncarnation: round * 1_000,
            lifeMilliseconds: 200...max(800, 4 * milliseconds), url: url, in: directory,
            using: &random, until: { cuts.withLock(\.self) > 0 })
        }
        proxy.endCuts()
        let restarts = try await troubles.value
        proxy.arm(nil)
        let accounting = try await drain(directory + "/spool", to: url)
        let accepted = try await expectStoredOnce(lives, in: server.url(database: "postgres"))
        print(
          "\(lives.count) kills, \(cuts.withLock(\.self)) cuts, \(restarts) restarts, \(accepted) events accepted, \(accounting)"
        )
        #expect(accounting.isBalanced)
        #expect(accounting.pending == 0)
        #expect(await leftovers(of: directory + "/spool") == [])
        #expect(cuts.withLock(\.self) > 0)
      }
    }

    /// Orders a new cut after each cut, and restarts the server after some of them.
    ///
    /// - Returns: The number of restarts.
    private func trouble(
      _ proxy: CuttingProxy, _ server: LocalPostgres, using seed: SeededGenerator,
      onCut: () -> Void
    ) async throws -> Int {
      var random = seed
      var came = proxy.cuts.makeAsyncIterator()
      var restarts = 0
      while true {
        proxy.arm(random.cut())
        for _ in 0..<random.number(2...6) {
          guard await came.next() != nil else { return restarts }
          onCut()
          proxy.arm(random.cut())
        }
        try await server.restart(random.number(0...2) == 0 ? .fast : .immediate)
        restarts += 1
      }
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func cut() -> Cut {
    switch number(0...6) {
    case 0: .beforeCommit
    case 1: .withCommit
    case 2: .beforeAnswer
    case 3: .afterAnswer
    case 4: .afterBytes(number(0...2_000), .toClient)
    default: .afterBytes(number(0...50_000), .toServer)
    }
  }
}
