import Analytics
import AnalyticsStore
import AnalyticsTestSupport
import LocalPostgres
import Testing

@Suite("The connection to the server is cut", .timeLimit(.minutes(60)))
struct CutTests {
  @Test(
    "around COMMIT: the receipts are exact, each row is there once",
    arguments: [
      Cut.beforeCommit, .beforeCommitUnnoticed, .withCommit, .beforeAnswer, .afterAnswer,
    ])
  func aroundCommit(_ cut: Cut) async throws {
    try await withProxy { proxy, server, _ in
      let sink = ObservedSink(try PostgresEventSink(url: proxy.url(database: "postgres")))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var books = Books(client)
      try await withWorker(client) {
        var answers = sink.answers.makeAsyncIterator()
        var cuts = proxy.cuts.makeAsyncIterator()
        try await books.track(new: 30, again: 0)
        // First by COPY, then, with rows that were there before, by the ordered insert, and so on.
        for again in [0, 7, 7, 0, 0, 1] {
          proxy.arm(cut)
          let flushed = Task { [books] in
            var books = books
            try await books.track(new: 25, again: again)
            return books
          }
          #expect(await cuts.next() == cut)
          if cut == .beforeCommitUnnoticed {
            // The transaction hangs open at the server; nothing may be decided meanwhile.
            var failures = 0
            while failures < 3, let answer = await answers.next() {
              if case .failure = answer { failures += 1 }
            }
            #expect(client.accounting.pending == 25 + again)
            proxy.letGo()
          }
          books = try await flushed.value
          #expect(client.accounting.stored == books.new)
          #expect(client.accounting.duplicates == books.again)
        }
      }
      #expect(client.accounting.isBalanced)
      #expect(try await eventCount(server.url(database: "postgres")) == books.new)
    }
  }

  @Test("after any number of bytes in either direction")
  func anywhere() async throws {
    var random = SeededGenerator.printingSeed()
    try await withProxy { proxy, server, _ in
      let sink = try PostgresEventSink(url: proxy.url(database: "postgres"))
      let client = try AnalyticsClient(.eager(.memory()), sink: sink)
      var books = Books(client)
      var cutsThatCame = 0
      try await withWorker(client) {
        for _ in 0..<80 {
          // Some 7,000 bytes go to the server in a round and 600 come back; after a cut, the
          // greeting is added to both.
          let direction: Cut.Direction = random.number(0...2) == 0 ? .toServer : .toClient
          let bytes = random.number(0...(direction == .toServer ? 8_000 : 700))
          proxy.arm(.afterBytes(bytes, direction))
          let again = random.number(0...2) == 0 ? random.number(1...20) : 0
          try await books.track(new: random.number(1...30), again: again)
          #expect(client.accounting.stored == books.new, "after \(bytes) bytes \(direction)")
          #expect(client.accounting.duplicates == books.again, "after \(bytes) bytes \(direction)")
        }
        proxy.arm(nil)
      }
      proxy.stop()
      for await _ in proxy.cuts { cutsThatCame += 1 }
      print("\(cutsThatCame) of 80 cuts came, \(client.accounting)")
      #expect(cutsThatCame > 20)
      #expect(client.accounting.isBalanced)
      #expect(try await eventCount(server.url(database: "postgres")) == books.new)
    }
  }
}
