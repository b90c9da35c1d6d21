import AnalyticsTestSupport
import Testing

@testable import AnalyticsCommand

@Suite("Importing into a database", .timeLimit(.minutes(60)))
struct ImportTests {
  @Test("events are stored with their time, origin and fields")
  func storesEvents() async throws {
    try await ImportDatabase.with { database in
      let text = line(
        event: started,
        and: #","hostname":"web-1","environment":"production","service":"jobs","id":"\#(someUUID)""#
      )
      let (summary, outcome) = try await database.importing("-", input: text)
      #expect(summary == Summary(lines: 1, stored: 1))
      #expect(outcome.exitCode == 0)
      #expect(outcome.complaints == [])
      let row = try await database.text(
        """
        SELECT concat_ws(' ', id, timestamp AT TIME ZONE 'UTC', event_type, service, user_id,
                         hostname, environment, data)
        FROM analytics_events
        """)
      #expect(
        row == "\(someUUID) 2026-01-31 08:09:10.123456 task_started jobs \(someUUID) web-1 "
          + #"production {"task_id": "\#(someUUID)"}"#)
    }
  }

  @Test("an event without a service gets the service of --service, by default import")
  func services() async throws {
    try await ImportDatabase.with { database in
      _ = try await database.importing("-", input: goodLine(1))
      _ = try await database.importing("-", "--service", "archive", input: goodLine(2))
      #expect(
        try await database.text(
          "SELECT string_agg(service, ' ' ORDER BY service) FROM analytics_events")
          == "archive import")
      #expect(
        try await database.number(
          "SELECT count(*) FROM analytics_events WHERE hostname IS NULL AND environment IS NULL")
          == 2)
    }
  }

  @Test("events that were imported before are not stored again")
  func twice() async throws {
    try await ImportDatabase.with { database in
      let text = (1...500).map(goodLine).joined()
      try await withFile(text.utf8) { path in
        let first = try await database.importing(path)
        #expect(first.summary == Summary(lines: 500, stored: 500))
        let second = try await database.importing(path)
        #expect(second.summary == Summary(lines: 500, stored: 0, duplicates: 500))
        #expect(second.outcome.exitCode == 0)
      }
      #expect(try await database.eventCount == 500)
    }
  }

  @Test("identical lines stay distinct events, also when imported again")
  func identicalLines() async throws {
    try await ImportDatabase.with { database in
      let text = String(repeating: goodLine(1), count: 5) + goodLine(2)
      for round in 1...2 {
        let (summary, _) = try await database.importing("-", input: text)
        #expect(summary.stored == (round == 1 ? 6 : 0))
      }
      #expect(try await database.eventCount == 6)
    }
  }

  @Test("several files, some of them compressed, are read one after the other")
  func severalFiles() async throws {
    try await ImportDatabase.with { database in
      try await withFile(goodLine(1).utf8) { plain in
        try await withFile(gzip(Array((goodLine(2) + goodLine(3)).utf8)), named: "x") {
          compressed in
          let (summary, _) = try await database.importing(
            plain, compressed, "-", input: goodLine(4))
          #expect(summary == Summary(lines: 4, stored: 4))
        }
      }
    }
  }

  @Test("a database that is not migrated is reported in one line")
  func notMigrated() async throws {
    try await withUnmigratedDatabase { url in
      let outcome = try await analytics(
        "import", "-", environment: ["DATABASE_URL": url], input: goodLine(1))
      #expect(outcome.exitCode == 1)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.error.contains("run `analytics migrate`"))
    }
  }
}

@Suite("Bad lines", .timeLimit(.minutes(60)))
struct BadLineTests {
  private let bad =
    #"{"timestamp":"2026-01-01T00:00:00Z","event":{"type":"task_started","task_id":"s3cret"}}"#
    + "\n"

  @Test("are reported with file, line and reason, and the other lines are stored")
  func reported() async throws {
    try await ImportDatabase.with { database in
      let text = goodLine(1) + bad + "\n" + goodLine(2) + "nonsense\n" + goodLine(3)
      let (summary, outcome) = try await database.importing("-", input: text)
      #expect(summary == Summary(lines: 5, stored: 3, bad: 2))
      #expect(outcome.exitCode == 1)
      #expect(
        outcome.complaints == [
          "standard input: line 2: task_id is not a UUID",
          "standard input: line 5: not valid JSON at byte 1",
        ])
    }
  }

  @Test("are only counted after the tenth one")
  func manyBadLines() async throws {
    let outcome = try await analytics(
      "import", "--check", "-", input: String(repeating: bad, count: 25) + goodLine(1))
    #expect(outcome.errorLines.count == 11)
    #expect(outcome.errorLines.last == "further bad lines are only counted")
    #expect(outcome.output.hasPrefix("26 lines checked, 1 good, 25 bad in "))
    #expect(outcome.exitCode == 1)
    #expect(!(outcome.error + outcome.output).contains("s3cret"))
  }

  @Test("stop a strict import at the first one; the lines before it are stored")
  func strict() async throws {
    try await ImportDatabase.with { database in
      let (summary, outcome) = try await database.importing(
        "--strict", "-", input: goodLine(1) + goodLine(2) + bad + goodLine(3))
      #expect(summary == Summary(lines: 3, stored: 2, bad: 1, ending: "bad_line"))
      #expect(outcome.exitCode == 1)
      #expect(try await database.eventCount == 2)
    }
  }

  @Test("a truncated compressed file is an error; the lines before its end are stored")
  func truncated() async throws {
    try await ImportDatabase.with { database in
      let whole = try gzip(Array((1...2000).map(goodLine).joined().utf8))
      try await withFile(whole.dropLast(100), named: "cut.gz") { path in
        let (summary, outcome) = try await database.importing(path)
        #expect(summary.ending == "unreadable")
        #expect(try await database.eventCount == summary.stored)
        #expect(outcome.exitCode == 1)
        #expect(outcome.complaints.count == 1)
        #expect(outcome.error.contains("ends in the middle of its compressed data"))
      }
    }
  }
}
