import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsReports

@Suite("Names that no event has", .timeLimit(.minutes(60)))
struct UnknownNameTests {
  @Test("an unknown type of events is refused with a suggestion in every parameter")
  func types() async throws {
    try await ReportFixture.with { fixture in
      try await fixture.store("signup_completed", [#"{"plan":"pro"}"#])
      for (report, parameters, parameter) in [
        ("breakdown", ["event": ["signup_complete"]], "event"),
        ("funnel", ["step": ["signup_completed", "signup_complete"]], "step"),
        ("cohorts", ["first_event": ["signup_complete"], "by": ["week"]], "first_event"),
        ("cohorts", ["return_event": ["signup_complete"], "by": ["week"]], "return_event"),
        ("events-by-type", ["event_type": ["signup_completed", "signup_complete"]], "event_type"),
      ] {
        let refusal = try await fixture.refusal(report, parameters)
        #expect(
          refusal?.line
            == "there is no event type \"signup_complete\": did you mean signup_completed?",
          "\(report)")
        #expect(refusal?.parameter == parameter)
      }
      let unlike = try await fixture.refusal("breakdown", ["event": ["x\u{1B}[2J\n"]])
      #expect(unlike?.line == "there is no event type \"x·[2J·\"")
    }
  }

  @Test("a type with events outside the range, or without raw events, is known")
  func elsewhere() async throws {
    try await ReportFixture.with { fixture in
      let before = ProductEvents.start.addingTimeInterval(-400 * 86_400)
      try await fixture.store("signup", [#"{"plan":"pro"}"#], from: before)
      for _ in 0..<2 {
        let empty = try await fixture.report(
          "breakdown", ["event": ["signup"], "property": ["plan"], "where": ["plan=pro"]])
        #expect(empty.rows.isEmpty)
        #expect(try await fixture.report("funnel", ["step": ["signup"]]).rows[0][1] == .integer(0))
        #expect(try await fixture.report("events-by-type", ["event_type": ["signup"]]).rows.isEmpty)
        try await fixture.connection.rollUp()
        try await fixture.connection.execute("TRUNCATE analytics_events")
      }
    }
  }

  @Test(
    "without events there is a warning; a type of the catalogue may not have come yet")
  func nothingYet() async throws {
    try await ReportFixture.with { fixture in
      for (report, parameters) in [
        ("breakdown", ["event": ["signup"], "property": ["plan"], "where": ["plan=pro"]]),
        ("funnel", ["step": ["signup", "bought,plan=pro"]]),
        ("events-by-type", ["event_type": ["signup"], "service": ["web"]]),
        ("cohorts", ["first_event": ["signup"], "by": ["week"]]),
        ("api-latency", ["service": ["web"]]),
      ] {
        let series = try await fixture.report(report, parameters)
        #expect(series.warnings == ["there are no events yet"], "\(report)")
      }
      try await fixture.store("signup", ["{}"])
      let early = try await fixture.report(
        "breakdown", ["event": ["task_cancelled"], "property": ["reason"]])
      #expect(early.rows.isEmpty)
      #expect(early.warnings == ["no event of the type \"task_cancelled\" was ever stored"])
    }
  }

  @Test("a property that no event of the type has is refused, even if another type has it")
  func properties() async throws {
    try await ReportFixture.with { fixture in
      try await fixture.store("signup", [#"{"plan":"pro","seats":null}"#, #"{"coupon":"x"}"#])
      try await fixture.store("left", [#"{"reason":"price"}"#])
      for (report, parameters, parameter) in [
        ("breakdown", ["event": ["signup"], "property": ["plam"]], "property"),
        ("breakdown", ["event": ["signup"], "where": ["plam=pro"]], "where"),
        ("breakdown", ["event": ["signup"], "where": ["plam!=pro"]], "where"),
        ("breakdown", ["event": ["signup"], "where": ["!plam"]], "where"),
        ("breakdown", ["event": ["signup"], "where": ["plan=pro", "plam>5"]], "where"),
        ("funnel", ["step": ["left,reason", "signup,plam"]], "step"),
      ] {
        let refusal = try await fixture.refusal(report, parameters)
        #expect(
          refusal?.line == "no \"signup\" event has a property \"plam\": did you mean plan?",
          "\(parameters)")
        #expect(refusal?.parameter == parameter)
      }
      for known in ["plan", "seats", "coupon", "service", "hostname", "user_id"] {
        let said = ["event": ["signup"], "property": [known], "where": ["\(known)!=a"]]
        #expect(try await fixture.refusal("breakdown", said) == nil, "\(known)")
      }
      let other = try await fixture.refusal(
        "breakdown", ["event": ["signup"], "property": ["reason"]])
      #expect(
        other?.line
          == "no \"signup\" event has a property \"reason\": there are coupon, plan, seats")
      let column = try await fixture.refusal(
        "breakdown", ["event": ["signup"], "property": ["hostnam"]])
      #expect(column?.line.hasSuffix("did you mean hostname?") == true)
      // A field with the name of a column is suggested in the form in which it is queried.
      try await fixture.store("moved", [#"{"environment":"north"}"#])
      for (property, line) in [
        ("data.service", "has a property \"data.service\": there are data.environment"),
        ("data.enviroment", "has a property \"enviroment\": did you mean environment?"),
        ("elsewhere", "has a property \"elsewhere\": there are data.environment"),
      ] {
        let hidden = try await fixture.refusal(
          "breakdown", ["event": ["moved"], "property": [property]])
        #expect(hidden?.line.hasSuffix(line) == true, "\(hidden?.line ?? "")")
      }
    }
  }

  @Test("a property that few of many events have is found, in the range or among the newest events")
  func rare() async throws {
    try await ReportFixture.with { fixture in
      let many = Array(repeating: #"{"plan":"pro"}"#, count: 3000)
      // The event with this property is among the oldest of the range.
      try await fixture.store("signup", [#"{"coupon":"x"}"#] + many)
      let series = try await fixture.report(
        "breakdown", ["event": ["signup"], "where": ["coupon=x"]])
      #expect(series.rows.map { $0[2] } == [.integer(1)])
      let refusal = try await fixture.refusal(
        "breakdown", ["event": ["signup"], "where": ["coupons=x"]])
      #expect(refusal?.line.hasSuffix("did you mean coupon?") == true, "\(refusal?.line ?? "")")
    }
  }

  @Test("if not all events of a type are read, only a likely typing error is refused")
  func uncertain() async throws {
    try await ReportFixture.with { fixture in
      let old = ProductEvents.start.addingTimeInterval(-30 * 86_400)
      try await fixture.store("signup", [#"{"refund":true}"#], from: old)
      try await fixture.store("signup", Array(repeating: #"{"plan":"pro"}"#, count: 9))
      let range = ProductEvents.start..<ProductEvents.start.addingTimeInterval(86_400)
      func warnings(_ condition: String, newest: Int) async throws -> [String] {
        try await fixture.database.series { reader in
          try await reader.check(
            EventSelection("signup", where: [try PropertyCondition(condition)]),
            called: ("event", "where"), in: range,
            reading: FieldSearch.Bounds(first: 3, newest: newest))
          return Series(name: "x", columns: [], rows: [])
        }.warnings
      }
      #expect(try await warnings("refund", newest: 11) == [])
      #expect(
        try await warnings("refund", newest: 9) == [
          "no \"signup\" event in this range, and none of the newest 9 of all time, has a property "
            + "\"refund\": there are plan"
        ])
      for (newest, line) in [
        (9, "of all time, has a property \"plam\": did you mean plan?"),
        (11, "no \"signup\" event has a property \"plam\": did you mean plan?"),
      ] {
        let error = await #expect(throws: ReportError.self) {
          try await warnings("plam=pro", newest: newest)
        }
        #expect(error?.description.hasSuffix(line) == true, "\(error?.description ?? "")")
      }
    }
  }

  @Test("rows with unusual data from SQL have no properties, and cause no error")
  func oddData() async throws {
    try await ReportFixture.with { fixture in
      try await fixture.store("odd", ["[\"plan\"]", "\"plan\"", "5", "null"])
      let refusal = try await fixture.refusal("breakdown", ["event": ["odd"], "where": ["plan"]])
      #expect(refusal?.line == "no \"odd\" event has a property \"plan\"")
    }
  }

  @Test("unknown services, environments, endpoints and similar names are refused, too")
  func dimensions() async throws {
    try await ReportFixture.with { fixture in
      try await fixture.store(
        "api_request", [#"{"endpoint":"/orders","method":"GET","duration_ms":5}"#])
      try await fixture.store("webhook_received", [#"{"provider":"github"}"#, "{}"])
      try await fixture.store("integration_used", [#"{"provider":"gitlab"}"#])
      try await fixture.store(
        "application_error", [#"{"error_type":"Timeout","error_message":"m"}"#])
      try await fixture.store("database_query", [#"{"query_type":"select","duration_ms":1}"#])
      for (report, parameter, typed, meant) in [
        ("api-latency", "service", "wep", "web"), ("api-latency", "endpoint", "/order", "/orders"),
        ("api-latency", "method", "get", "GET"), ("slowest-endpoints", "service", "wep", "web"),
        ("errors", "service", "wep", "web"), ("errors", "error_type", "timeout", "Timeout"),
        ("webhooks", "provider", "gitHub", "github"),
        ("integrations", "provider", "gitlub", "gitlab"),
        ("environments", "environment", "prodution", "production"),
        ("events-by-type", "environment", "prodution", "production"),
        ("production-changes", "environment", "prodution", "production"),
        ("database-queries", "query_type", "SELECT", "select"),
      ] {
        let refusal = try await fixture.refusal(report, [parameter: [typed]])
        let noun = parameter.replacing("_", with: " ")
        #expect(
          refusal?.line == "there is no \(noun) \"\(typed)\": did you mean \(meant)?", "\(report)")
        #expect(refusal?.parameter == parameter)
        #expect(try await fixture.refusal(report, [parameter: [meant]]) == nil, "\(report)")
      }
      // Events without a value are selected with the empty text.
      #expect(try await fixture.refusal("webhooks", ["provider": [""]]) == nil)
    }
  }

  @Test("an unknown kind of usage is refused once any usage was counted")
  func usageKinds() async throws {
    try await ReportFixture.with { fixture in
      for report in ["usage", "usage-replicas"] {
        let early = try await fixture.report(report, ["kind": ["boundry"]])
        #expect(early.warnings == ["no usage was counted yet"])
      }
      try await fixture.connection.execute(
        """
        SELECT analytics_add_usage(gen_random_uuid(), 1, 0, ARRAY['boundary'], ARRAY['allowed'],
                                   ARRAY[5::bigint], ARRAY['search'], ARRAY['users'], ARRAY['a'])
        """)
      for report in ["usage", "usage-replicas"] {
        let refusal = try await fixture.refusal(report, ["kind": ["boundary", "boundry"]])
        #expect(
          refusal?.line == "there is no kind of usage \"boundry\": did you mean boundary?")
        #expect(refusal?.parameter == "kind")
        #expect(try await fixture.refusal(report, ["kind": ["boundary", "search"]]) == nil)
      }
    }
  }
}
