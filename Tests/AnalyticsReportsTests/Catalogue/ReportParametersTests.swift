import AnalyticsConnections
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Parameters of reports")
struct ReportParametersTests {
  private let now = Date(timeIntervalSince1970: 1_790_000_000)

  private func parameters(_ values: [String: String]) -> ReportParameters {
    ReportParameters(values.mapValues { [$0] }, now: now)
  }

  private func instant(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

  @Test("days are local to the time zone, and instants are instants")
  func times() throws {
    let frame = try parameters([
      "from": "2015-05-01", "to": "2015-06-01", "tz": "America/New_York",
    ]).frame()
    #expect(frame.range.lowerBound == (try instant("2015-05-01T04:00:00Z")))
    #expect(frame.range.upperBound == (try instant("2015-06-01T04:00:00Z")))
    #expect(frame.granularity == .day && frame.buckets.count == 31)
    let exact = try parameters([
      "from": "2015-05-01T10:00:00.250+05:45", "to": "2015-05-01T04:30:00Z", "by": "total",
    ]).frame()
    #expect(
      exact.range.lowerBound == (try instant("2015-05-01T04:15:00Z")).addingTimeInterval(0.25))
    #expect(exact.range.upperBound == (try instant("2015-05-01T04:30:00Z")))
  }

  @Test("are by default the 30 days that end with today in the time zone")
  func defaults() throws {
    // `now` is 2026-09-21T14:13:20Z, which is 22 September on the Chatham Islands.
    let frame = try parameters(["tz": "Pacific/Chatham"]).frame()
    #expect(frame.buckets.count == 30)
    let last = try #require(frame.buckets.last)
    #expect(LocalTime(last.start, in: frame.zone).dayText == "2026-09-22")
    #expect(last.range.contains(now))
    let past = try parameters(["to": "2026-01-31"]).frame()
    #expect(past.range.lowerBound == (try instant("2026-01-01T00:00:00Z")))
  }

  @Test(
    "with invalid values are refused in one line that names the parameter",
    arguments: [
      ("from", "yesterday", "from must be a day such as 2026-01-31"),
      ("from", "2026-02-30", "from must be a day such as 2026-01-31"),
      ("to", "2026-01-01T25:00:00Z", "to must be a day such as 2026-01-31"),
      ("to", "2026-01-01T23:00:60Z", "to must be a day such as 2026-01-31"),
      ("to", "2026-01-01T23:00:00", "to must be a day such as 2026-01-31"),
      ("to", "2026-01-01T23:00:001Z", "to must be a day such as 2026-01-31"),
      ("to", "2026-01-01T23:00:00.Z", "to must be a day such as 2026-01-31"),
      ("by", "year", "by must be hour, day, week, month or total, not \"year\""),
      ("tz", "Amerika/New_York", "did you mean America/New_York?"),
      ("tz", "europe/berlin", "did you mean Europe/Berlin?"),
      ("tz", "EST", "there is no time zone \"EST\""),
      ("tz", "a\u{1B}[2J\nb", "there is no time zone"),
      ("from", "9999-12-31", "the range is empty"),
      ("by", "hour\u{7}", "by must be hour"),
    ])
  func refused(name: String, value: String, line: String) {
    let error = #expect(throws: ReportError.self) { try parameters([name: value]).frame() }
    #expect(error?.code == .invalidParameter)
    #expect(error?.parameter == name || error?.parameter == "to")
    #expect(error?.description.contains(line) == true, "\(error?.description ?? "")")
    #expect(
      error?.description.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } == true)
  }

  @Test("have a summary and a rule for each kind of value")
  func kinds() {
    let expected: [(kind: ReportParameter.Kind, summary: String, rule: String)] = [
      (.text("name"), "name", "must be valid"),
      (.choice(["a"]), "a", "must be a"),
      (.choice(["a", "b"]), "a|b", "must be a or b"),
      (.choice(["a", "b", "c"]), "a|b|c", "must be a, b or c"),
      (
        .choice(of: Granularity.self), "hour|day|week|month|total",
        "must be hour, day, week, month or total"
      ),
      (.flag, "true|false", "must be true or false"),
      (.integer(1...366), "1…366", "must be a whole number from 1 to 366"),
      (.percentile, "number", "must be a number above 0 and at most 100, such as 99.9"),
      (
        .time, "day or instant",
        "must be a day such as 2026-01-31, or an instant such as 2026-01-31T08:00:00Z"
      ),
      (.uuid, "id", "must be a UUID"),
    ]
    for (kind, summary, rule) in expected {
      #expect(kind.summary == summary)
      #expect(kind.rule == rule)
    }
  }

  @Test("have the same bounds in reports that are made in code")
  func bounds() async throws {
    let database = ReportDatabase(try AnalyticsDatabase(url: "postgres://127.0.0.1:1/none"))
    let frame = try parameters([:]).frame()
    var slowest = SlowestEndpoints(frame: frame)
    slowest.limit = 1001
    var integrations = RollupQuery(.integrations, frame: frame)
    integrations.windows = [7, 367]
    func usage(latest: Int) -> UsageByPeriod {
      var usage = UsageByPeriod()
      usage.latest = latest
      return usage
    }
    let reports: [(report: any Report, line: String)] = [
      (
        Breakdown(of: EventSelection("x"), by: nil, in: frame, limit: 101),
        "limit must be a whole number from 1 to 100, not \"101\""
      ),
      (
        Timeline(of: UUID(), limit: 0), "limit must be a whole number from 1 to 1000, not \"0\""
      ),
      (slowest, "limit must be a whole number from 1 to 1000, not \"1001\""),
      (
        Cohorts(in: frame, periods: 61), "periods must be a whole number from 1 to 60, not \"61\""
      ),
      (integrations, "window must be a whole number from 1 to 366, not \"367\""),
      (usage(latest: 0), "latest must be a whole number from 1 to 100000, not \"0\""),
      (usage(latest: -1), "latest must be a whole number from 1 to 100000, not \"-1\""),
      (usage(latest: 100_001), "latest must be a whole number from 1 to 100000, not \"100001\""),
    ]
    for (report, line) in reports {
      let error = await #expect(throws: ReportError.self) {
        try await report.series(from: database)
      }
      #expect(error?.code == .invalidParameter)
      #expect(error?.parameter == String(line.prefix { $0 != " " }))
      #expect(error?.description == line)
    }
  }

  @Test("known time zones are used as written")
  func zones() throws {
    for name in ["UTC", "GMT", "Asia/Kathmandu", "America/Argentina/Buenos_Aires", "Etc/GMT+5"] {
      #expect(throws: Never.self) { try parameters(["tz": name]).zone() }
    }
  }
}

@Suite("The catalogue of reports")
struct ReportCatalogueTests {
  private let catalogue = ReportCatalogue.standard

  @Test(
    "makes each report from its name and required parameters; names are unique, in kebab-case")
  func names() throws {
    let names = catalogue.reports.map { $0.name }
    #expect(Set(names).count == names.count)
    for report in catalogue.reports {
      #expect(report.name.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(report.summary.hasSuffix("."))
      let needed = ReportParameters.needed(by: report.name)
      _ = try catalogue.report(report.name, needed)
      let parameters = report.parameters
      #expect(Set(parameters.map(\.name)).count == parameters.count)
    }
  }

  @Test("refuses unknown names, and suggests the one that was probably meant")
  func refused() {
    func line(_ name: String, _ values: [String: [String]] = [:]) -> String {
      do {
        _ = try catalogue.report(name, ReportParameters(values))
        return ""
      } catch { return error.description }
    }
    #expect(line("activ-users") == "there is no report \"activ-users\": did you mean active-users?")
    #expect(
      line("tasks", ["percentil": ["5"]])
        == "the report tasks has no parameter \"percentil\": did you mean percentile?")
    #expect(line("tasks", ["provider": ["x"]]) == "the report tasks has no parameter \"provider\"")
    #expect(line("tasks", ["from": ["2026-01-01", "2026-01-02"]]) == "from is given twice")
    #expect(line("tasks", ["percentile": ["95", "0"]]).hasSuffix("as 99.9, not \"0\""))
    #expect(line("slowest-endpoints", ["limit": ["0"]]).contains("from 1 to 1000, not \"0\""))
    #expect(line("hour-of-week", ["measure": ["x"]]).contains("users or events"))
    #expect(line("api-latency", ["by_endpoint": ["yes"]]).contains("true or false"))
    #expect(line("funnel").hasPrefix("step is required: a step, in order"))
  }
}

extension ReportParameters {
  /// The required parameters of a report.
  static func needed(by report: String) -> ReportParameters {
    switch report {
    case "breakdown": ReportParameters(["event": ["task_created"]])
    case "funnel": ReportParameters(["step": ["task_created", "task_completed"]])
    case "timeline": ReportParameters(["user": ["00000000-0000-0000-0000-000000000001"]])
    default: ReportParameters()
    }
  }
}
