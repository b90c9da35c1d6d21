import AnalyticsReports
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Conditions on events", .timeLimit(.minutes(60)))
struct ConditionTests {
  @Test("numbers are compared as numbers, digit by digit; values that are not numbers do not match")
  func numbers() async throws {
    try await ReportFixture.with { fixture in
      let values = [
        "5", "9", "10", "10.5", "-3", "1e3", "9007199254740993", "9007199254740992", "\"700\"",
        "true",
        "null", "[900]", "{\"a\":900}",
      ]
      try await fixture.store("ran", values.map { "{\"ms\":\($0)}" } + ["{}"])
      for (condition, matching) in [
        ("ms>9", 5), ("ms>=9", 6), ("ms<10", 3), ("ms<=10", 4), ("ms>-3.5", 8), ("ms > 9", 5),
        ("ms<-2.9e0", 1), ("ms>9007199254740992", 1), ("ms>=9007199254740992", 2), ("ms<=1000", 6),
        ("ms>+9.99", 5), ("ms=700", 1), ("ms=10.5", 1), ("ms!=10.5", 13), ("ms = 9", 1),
        ("\"ms\" >= 9", 6), ("!ms", 2), ("ms", 12),
      ] {
        let series = try await fixture.report(
          "breakdown", ["event": ["ran"], "where": [condition]])
        #expect(series.rows.first?[2] ?? .integer(0) == .integer(matching), "\(condition)")
        let funnel = try await fixture.report("funnel", ["step": ["ran,\(condition)"]])
        #expect(funnel.rows[0][1] == .integer(matching), "\(condition)")
      }
    }
  }

  @Test("names and values are quoted if they contain signs, commas or spaces")
  func quotes() async throws {
    try await ReportFixture.with { fixture in
      try await fixture.store(
        "asked, twice",
        [
          #"{"a=b":"x","c>d":"1,2","!e":"=y","f\"g":" z ","h":"\"q\"","i!j":"k","l":"<m>"}"#, "{}",
        ])
      for condition in [
        #""a=b"=x"#, #""a=b""#, #""c>d"="1,2""#, #""!e"="=y""#, #"f"g=" z ""#, #"h="""q""""#,
        #""f""g"=" z ""#, "i!j=k", #"l="<m>""#, #""data.a=b" = "x""#, #"l!="<n>",l"#,
      ] {
        let step = "\"asked, twice\",\(condition)"
        let funnel = try await fixture.report("funnel", ["step": [step]])
        #expect(funnel.rows[0][1] == .integer(1), "\(condition)")
        // The name of a step in the report is read as the same step.
        guard case .text(let name) = funnel.rows[0][0] else { continue }
        let again = try await fixture.report("funnel", ["step": [name]])
        #expect(again.rows == funnel.rows, "\(name)")
        guard condition != #"l!="<n>",l"# else { continue }
        let series = try await fixture.report(
          "breakdown", ["event": ["asked, twice"], "where": [condition]])
        #expect(series.rows.map { $0[2] } == [.integer(1)], "\(condition)")
      }
      let absent = try await fixture.report(
        "breakdown", ["event": ["asked, twice"], "where": [#"!"a=b""#]])
      #expect(absent.rows.map { $0[2] } == [.integer(1)])
      let named = try await fixture.report(
        "breakdown", ["event": ["asked, twice"], "property": ["a=b"]])
      #expect(named.columns[1].name == "a=b")
      #expect(named.rows.map { $0[1] } == [.absent, .text("x")])
    }
  }

  @Test("the text of a step is read as the same step with any names and values")
  func roundTrip() throws {
    var random = SeededGenerator.printingSeed()
    let pieces = [
      "a", "=", "!", "<", ">", "~", ",", "\"", " ", "\t", "\n", "é", "e\u{301}", "\u{308}",
      "\u{600}",
      "data.", "service", "5",
    ]
    func text() -> String {
      (0..<Int.random(in: 0...4, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
    }
    func bytes(_ selection: EventSelection) -> [[UInt8]] {
      [Array(selection.eventType.utf8)]
        + selection.conditions.flatMap { condition in
          let value: (String, String) =
            switch condition.comparison {
            case .equals(let value): ("=", value)
            case .differs(let value): ("!=", value)
            case .number(let order, let number): (order.rawValue, number.description)
            case .isPresent: ("is", "")
            case .isAbsent: ("is not", "")
            }
          return [condition.property.name, value.0, value.1].map { Array($0.utf8) }
        }
    }
    let number = try #require(PropertyNumber("-1.50e+3"))
    for _ in 0..<5000 {
      let conditions = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        let comparisons: [PropertyCondition.Comparison] = [
          .equals(text()), .differs(text()), .number(.atLeast, number), .isPresent, .isAbsent,
        ]
        return PropertyCondition(
          .field(text()), comparisons.randomElement(using: &random) ?? .isPresent)
      }
      let selection = EventSelection("t" + text(), where: conditions)
      let again = try EventSelection(parsing: selection.description)
      #expect(bytes(again) == bytes(selection), "\(selection.description)")
      for condition in conditions {
        let alone = try PropertyCondition(condition.description)
        #expect(alone.description.utf8.elementsEqual(condition.description.utf8))
      }
    }
  }

  @Test(
    "an unreadable condition is refused in one line with the reason",
    arguments: [
      ("plan==pro", "there is no operator \"==\": did you mean =?"),
      ("plan<>pro", "did you mean !=?"), ("ms=>5", "did you mean >=?"),
      ("ms=<5", "did you mean <=?"), ("plan=~p.*", "there is no operator \"=~\""),
      ("plan~p", "there is no operator \"~\""), ("plan=\"pro", "a closing quote is missing"),
      ("plan=\"pro\"s", "there is text after a closing quote"),
      ("ms>fast", "\"fast\" is not a number"),
      ("ms>", "\"\" is not a number"), ("ms>1e99999", "is not a number"),
      ("ms>0x10", "is not a number"),
      ("ms>NaN", "is not a number"), ("ms>1.", "is not a number"), ("ms>1e", "is not a number"),
      ("service>5", "only = and != can compare it"), ("=5", "the name of a property is missing"),
      ("!", "the name of a property is missing"),
      ("", "the name of a property is missing"), ("!plan=pro", "did you mean name!=value?"),
    ])
  func refused(condition: String, line: String) {
    let conditions = [
      ("where", "breakdown", ["event": ["ran"], "where": [condition]]),
      ("step", "funnel", ["step": ["ran,\(condition)"]]),
    ]
    for (parameter, report, parameters) in conditions {
      let error = #expect(throws: ReportError.self, "\(condition)") {
        _ = try ReportCatalogue.standard.report(report, ReportParameters(parameters))
      }
      #expect(error?.parameter == parameter)
      #expect(error?.description.contains(line) == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("\n") == false)
    }
  }
}
