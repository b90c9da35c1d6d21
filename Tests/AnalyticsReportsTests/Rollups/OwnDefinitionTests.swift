import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("An application's own definition", .timeLimit(.minutes(60)))
struct OwnDefinitionTests {
  @Test("has a name that differs from those of the built-in reports")
  func names() async throws {
    let rollups = ["overview", "rollup_overview", "big_spenders"].map { name in
      Rollup(
        name, of: [], by: [Dimension("hour", .field("hour"))],
        measures: [
          Measure("n", .count), Measure("n_ms", .histogram("x_ms")), Measure("p50_n_ms", .count),
        ])
    }
    try await ReportFixture.with(rollups: rollups) { fixture in
      let catalogue = try await fixture.database.catalogue()
      let own = catalogue.reports.dropFirst(ReportCatalogue.standard.reports.count)
      #expect(
        own.map(\.name) == ["big-spenders", "rollup-overview", "rollup-rollup-overview"])
      let report = try catalogue.report(
        "big-spenders", ReportParameters(["by": ["hour"], "group_by": ["hour"]]))
      let columns = try await fixture.series(report).columns.map(\.name)
      #expect(
        columns == ["hour", "hour_2", "n", "p50_n_ms_2", "p95_n_ms", "p99_n_ms", "p50_n_ms"])
      // A definition of a later version of the package is left out.
      try await fixture.connection.execute(
        """
        UPDATE analytics_rollups SET definition = '{"later":1}' WHERE name = 'big_spenders'
        """)
      let rest = try await fixture.database.catalogue().reports
      #expect(rest.count == catalogue.reports.count - 1)
      #expect(!rest.contains { $0.name == "big-spenders" })
    }
  }

  @Test("refuses unsupported questions, and lists the supported ones")
  func refused() async throws {
    try await ReportFixture.with(rollups: [OwnRollupTests.calls]) { fixture in
      let catalogue = try await fixture.database.catalogue()
      func line(_ name: String, _ said: [String: [String]]) async -> String {
        do {
          _ = try await fixture.series(try catalogue.report(name, ReportParameters(said)))
          return ""
        } catch { return "\(error)" }
      }
      #expect(await line("cals", [:]) == "there is no report \"cals\": did you mean calls?")
      #expect(
        await line("calls", ["group_by": ["endpiont"]])
          == "the report calls has no dimension \"endpiont\": did you mean endpoint?")
      #expect(
        await line("calls", ["group_by": ["country"]])
          == "the report calls has no dimension \"country\": there are service, limit, endpoint")
      #expect(
        await line("calls", ["group_by": ["limit", "limit"]]) == "group_by names a dimension twice")
      #expect(
        await line("calls", ["window": ["367"]])
          == "window must be a whole number from 1 to 366, not \"367\"")
      #expect(
        await line("calls", ["window": ["7"], "by": ["week"]])
          == "window requires buckets of a day: set by=day")
      #expect(
        await line("calls", ["window": ["366"], "from": ["2020-01-01"], "to": ["2026-01-01"]])
          == "the windows have too many days in total: choose a shorter range")
      #expect(
        await line("api-latency", ["by_endpoint": ["true"], "group_by": ["service"]])
          == "by_endpoint cannot be combined with group_by")
      #expect(
        await line("cohorts", ["of": ["calls.user"]])
          == "there is no distinct measure \"calls.user\": did you mean calls.users?")
      #expect(
        await line("cohorts", ["of": ["nobody"]]).hasPrefix("of must be a rollup and a measure"))
      #expect(
        await line("cohorts", ["of": ["calls.users"], "first_event": ["x"]])
          == "of cannot be combined with first_event or return_event")
      #expect(
        await line("hour-of-week", ["of": ["calls.users"], "environment": ["production"]])
          == "the rollup calls does not have the dimension environment")
      #expect(
        await line("hour-of-week", ["of": ["calls.users"], "measure": ["events"]])
          == "of cannot be combined with measure=events: it counts distinct values")
    }
  }

  @Test("has the same names of columns and parameters for all questions, and no name twice")
  func columns() async throws {
    let odd = Rollup(
      "odd", of: [], by: [Dimension("from", .service), Dimension("service", .field("method"))],
      measures: [
        Measure("hour", .count), Measure("week", .distinct(.userID)),
        Measure("cohort", .distinct(.service)), Measure("days", .distinct(.environment)),
        Measure("partial", .count),
      ])
    try await ReportFixture.with(rollups: [odd]) { fixture in
      let catalogue = try await fixture.database.catalogue()
      func columns(_ name: String, _ said: [String: [String]]) async throws -> [String] {
        try await fixture.series(try catalogue.report(name, ReportParameters(said))).columns.map(
          \.name)
      }
      for granularity in ["hour", "day", "week", "total"] {
        let found = try await columns("odd", ["by": [granularity], "group_by": ["from"]])
        #expect(found.dropFirst() == ["from_2", "hour_2", "week_2", "cohort", "days", "partial_2"])
      }
      #expect(
        try catalogue.entry("odd").parameters.map(\.name).contains { $0 == "from_is" })
      #expect(
        try await columns("cohorts", ["of": ["odd.cohort"], "periods": ["1"]])
          == ["cohort", "cohort_2", "period_1", "running_period"])
      #expect(
        try await columns("active-users-now", ["of": ["odd.days"]]) == ["days", "since", "days_2"])
      #expect(
        try await columns("hour-of-week", ["of": ["odd.week"]]) == ["weekday", "hour", "week"])
    }
  }

  @Test("has no figures for raw events that were dropped before, and warns about that")
  func late() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let range = RecomputationTests.spring
      _ = try await fixture.storeFacts(300, in: range, &random)
      let boundary = range.lowerBound.addingTimeInterval(10 * 86_400)
      try await fixture.dropRawEvents(before: boundary)
      try await fixture.migrate([OwnRollupTests.calls])
      let report = RollupReport(of: OwnRollupTests.calls)
      let warning =
        "there are no figures before \(LocalTime(boundary, in: .gmt).text): raw events before it were "
        + "gone when the rollup calls was defined"
      let whole = try TimeFrame(from: range.lowerBound, to: range.upperBound)
      #expect(
        try await fixture.series(RollupQuery(report, frame: whole)).warnings.contains(warning))
      let later = try TimeFrame(
        from: boundary.addingTimeInterval(86_400), to: range.upperBound, by: .week)
      #expect(try await fixture.series(RollupQuery(report, frame: later)).warnings == [])
      var cohorts = Cohorts(in: later)
      cohorts.distinctMeasure = DistinctMeasure("users", of: "calls")
      #expect(try await fixture.series(cohorts).warnings.contains(warning))
      // A rollup that existed before has no warning.
      #expect(try await fixture.series(Cohorts(in: later)).warnings == [])
    }
  }

  @Test("in a later version has no average for days of which an older one kept only the sum")
  func averages() async throws {
    var random = SeededGenerator.printingSeed()
    func times(_ version: Int) -> Rollup {
      let all = [
        Measure("ms_sum", .sum("duration_ms")), Measure("calls", .count),
        Measure("ms", .histogram("duration_ms")),
      ]
      return Rollup(
        "times", version: version, of: ["api_request"], measures: Array(all.prefix(version + 1)))
    }
    try await ReportFixture.with(rollups: [times(1)]) { fixture in
      let range = RecomputationTests.spring
      let facts = try await fixture.storeFacts(600, in: range, &random)
      let boundary = range.lowerBound.addingTimeInterval(10 * 86_400)
      try await fixture.dropRawEvents(before: boundary)
      try await fixture.migrate([times(2)])
      let frame = try TimeFrame(from: range.lowerBound, to: range.upperBound)
      let series = try await fixture.series(
        RollupQuery(RollupReport(of: times(2)), frame: frame))
      let requests = facts.filter { $0.type == "api_request" }
      for (row, bucket) in zip(series.rows, frame.buckets) {
        let durations = requests.filter { bucket.range.contains($0.date) }.numbers("duration_ms")
        #expect(row[1] == .integer(durations.reduce(0, +)), "seed \(random.seed)")
        let average: Expectation.Expected =
          bucket.start < boundary ? .near(nil) : .average(of: durations)
        #expect(average.matches(row[2]), "\(bucket.start), seed \(random.seed)")
      }
    }
  }

  @Test("supports only questions that its measures can answer")
  func kinds() async throws {
    try await ReportFixture.with(rollups: [OwnRollupTests.calls]) { fixture in
      let range = RecomputationTests.spring
      let frame = try TimeFrame(from: range.lowerBound, to: range.upperBound)
      let kinds: [(RollupFigure.Kind, String)] = [
        (.count("users"), "count users"), (.count("duration_ms_sum"), "count duration_ms_sum"),
        (.sum("calls", .number), "sum calls"), (.maximum("calls", .number), "maximum calls"),
        (.sample("calls"), "sample calls"), (.percentiles("slowest", .number), "histogram slowest"),
        (.distinct("calls", .users), "distinct calls"),
        (.average(sum: "calls", over: "calls", .number), "sum calls"),
        (
          .average(sum: "duration_ms_sum", over: "slowest", .number), "count or histogram slowest"
        ),
        (.share(["users"], of: ["calls"]), "count or sum users"),
        (.share(["calls"], of: ["nothing"]), "count or sum nothing"),
      ]
      for (kind, need) in kinds {
        let report = RollupReport(
          "odd", "Odd.", over: OwnRollupTests.calls, figures: [RollupFigure("figure", kind)])
        let error = await #expect(throws: ReportError.self) {
          try await fixture.series(RollupQuery(report, frame: frame))
        }
        #expect(error?.description == "the rollup calls has no \(need) for figure")
      }
    }
  }
}
