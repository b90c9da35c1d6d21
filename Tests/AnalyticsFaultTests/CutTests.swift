import Analytics
import AnalyticsStore
import AnalyticsTestSupport
import LocalPostgres
import Testing

@Suite("The connection to the server is cut", .timeLimit(.minutes(60)))
struct CutTests {
  @Test(
    "around COMMIT: receipts are exact, and each row is stored once",
    arguments: [
      Cut.beforeCommit, .beforeCommitUnnoticed, .withCommit, .beforeAnswer, .afterAnswer,
    ])
  func aroundCommit(_ cut: Cut) async throws {
    try await withProxy { proxy, server, _ in
      let sink = ObservedSink(try PostgresEventSink(url: proxy.url(database: "postgres")))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      try await withWorker(client) {
        var answers = sink.answers.makeAsyncIterator()
        var cuts = proxy.cuts.makeAsyncIterator()
        try await tracker.track(new: 30, again: 0)
        // The ordered insert stores a batch if it or the previous one has rows that are stored already. COPY stores
        // the others.
        for again in [0, 7, 7, 0, 0, 1] {
          proxy.arm(cut)
          let flushed = Task { [tracker] in
            var tracker = tracker
            try await tracker.track(new: 25, again: again)
            return tracker
          }
          #expect(await cuts.next() == cut)
          if cut == .beforeCommitUnnoticed {
            // The transaction stays open at the server. Until it ends, the outcome of the batch must stay undecided.
            var failures = 0
            while failures < 3, let answer = await answers.next() {
              if case .failure = answer { failures += 1 }
            }
            #expect(client.accounting.pending == 25 + again)
            proxy.closeHalfOpenLinks()
          }
          tracker = try await flushed.value
          #expect(client.accounting.stored == tracker.new)
          #expect(client.accounting.duplicates == tracker.again)
        }
      }
      #expect(client.accounting.isBalanced)
      #expect(try await eventCount(server.url(database: "postgres")) == tracker.new)
    }
  }

  @Test("after any number of bytes in either direction")
  func afterAnyBytes() async throws {
    var random = SeededGenerator.printingSeed()
    try await withProxy { proxy, server, _ in
      let sink = try PostgresEventSink(url: proxy.url(database: "postgres"))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var tracker = CountingTracker(client)
      var cutsThatCame = 0
      try await withWorker(client) {
        for _ in 0..<80 {
          // A round sends some 7,000 bytes to the server and 600 back. After a cut, connecting again adds to both.
          let direction: Cut.Direction = random.number(0...2) == 0 ? .toServer : .toClient
          let bytes = random.number(0...(direction == .toServer ? 8_000 : 700))
          proxy.arm(.afterBytes(bytes, direction))
          let again = random.number(0...2) == 0 ? random.number(1...20) : 0
          try await tracker.track(new: random.number(1...30), again: again)
          #expect(client.accounting.stored == tracker.new, "after \(bytes) bytes \(direction)")
          #expect(
            client.accounting.duplicates == tracker.again, "after \(bytes) bytes \(direction)")
        }
        proxy.arm(nil)
      }
      proxy.stop()
      for await _ in proxy.cuts { cutsThatCame += 1 }
      print("\(cutsThatCame) of 80 cuts came, \(client.accounting)")
      #expect(cutsThatCame > 20)
      #expect(client.accounting.isBalanced)
      #expect(try await eventCount(server.url(database: "postgres")) == tracker.new)
    }
  }
}
