import AnalyticsTestSupport
import AnalyticsReports
import AnalyticsTestKit
import Foundation
import Testing

@Suite("Funnels", .timeLimit(.minutes(10)))
struct FunnelTests {
  private struct Step: Equatable {
    var users = 0
    var gaps: [Int64] = []

    /// Seconds; by nearest rank.
    var median: Double? {
      gaps.isEmpty ? nil : Double(gaps.sorted()[(gaps.count + 1) / 2 - 1]) / 1_000_000
    }
  }

  /// By looking at every event of every user for every step.
  private func expected(
    _ events: [ProductEvent], _ steps: [(ProductEvent) -> Bool], range: Range<Date>,
    window: Int64
  ) -> [Step] {
    var found = steps.map { _ in Step() }
    for (_, own) in Dictionary(grouping: events.filter { $0.user != nil }, by: \.user) {
      let entries = own.filter { steps[0]($0) && range.contains($0.date) }
      guard let entry = entries.min(by: ProductEvent.precedes) else { continue }
      found[0].users += 1
      var last = entry
      for index in steps.indices.dropFirst() {
        let candidates = own.filter { event in
          steps[index](event) && ProductEvent.precedes(last, event)
            && event.time - entry.time <= window
        }
        guard let next = candidates.min(by: ProductEvent.precedes) else { break }
        found[index].users += 1
        found[index].gaps.append(next.time - last.time)
        last = next
      }
    }
    return found
  }

  private func check(
    _ series: Series, _ expected: [Step], _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    func ratio(_ part: Int, _ whole: Int) -> Series.Value {
      whole == 0 ? .null : .number(Double(part) / Double(whole))
    }
    #expect(series.rows.count == expected.count, comment, sourceLocation: sourceLocation)
    for (index, (row, step)) in zip(series.rows, expected).enumerated() {
      #expect(row[1] == .integer(step.users), comment, sourceLocation: sourceLocation)
      #expect(
        row[2] == ratio(step.users, expected[0].users), comment, sourceLocation: sourceLocation)
      #expect(
        row[3] == (index == 0 ? .null : ratio(step.users, expected[index - 1].users)), comment,
        sourceLocation: sourceLocation)
      #expect(
        row[4] == (step.median.map { .number($0) } ?? .null), comment,
        sourceLocation: sourceLocation)
    }
  }

  @Test("say of each step what going through every user's events says", arguments: 0..<4)
  func bruteForce(round: Int) async throws {
    let random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(random, users: 40)
      // Few days, so that many events share an instant.
      let events = generator.events(1200, days: 6)
      try await fixture.store(events)
      let range =
        ProductEvents.start..<ProductEvents.start.addingTimeInterval(Double(round + 1) * 86_400)
      let funnels: [([String], [(ProductEvent) -> Bool])] = [
        (
          ["viewed", "carted", "bought"],
          [{ $0.type == "viewed" }, { $0.type == "carted" }, { $0.type == "bought" }]
        ),
        // One event is one step only, though it matches them all.
        (
          ["viewed", "viewed", "viewed"], Array(repeating: { $0.type == "viewed" }, count: 3)
        ),
        (
          ["carted,plan=pro", "left,step=2,service=web"],
          [
            { $0.type == "carted" && $0.fields["plan"] == "pro" },
            { $0.type == "left" && $0.fields["step"] == "2" && $0.service == "web" },
          ]
        ), (["left"], [{ $0.type == "left" }]),
      ]
      for (texts, steps) in funnels {
        // A whole number of quarters: many gaps are exactly as long as the window.
        for window: Double in [900, 7200, 3 * 86_400] {
          let selections = try texts.map { try #require(EventSelection(parsing: $0)) }
          let series = try await Funnel(selections, in: range, within: window)
            .series(from: fixture.database)
          check(
            series,
            expected(events, steps, range: range, window: Int64(window * 1_000_000)),
            "\(texts), \(window) s")
        }
      }
    }
  }

  @Test("take the first entry, look beyond the range's end, and order equal instants by id")
  func semantics() async throws {
    try await ReportFixture.with { fixture in
      let day: Int64 = 86_400_000_000
      let start = Int64(ProductEvents.start.timeIntervalSince1970) * 1_000_000
      var events: [ProductEvent] = []
      func add(_ type: String, _ user: UUID, _ time: Int64, id: String? = nil) {
        let id = id.flatMap { UUID(uuidString: "00000000-0000-4000-8000-00000000000\($0)") }
        events.append(ProductEvent(id: id ?? UUID(), time: time, type: type, user: user))
      }
      let (late, twice, early, equal) = (UUID(), UUID(), UUID(), UUID())
      // Enters in the last microsecond, converts after the range, at the window's last instant.
      add("a", late, start + day - 1)
      add("b", late, start + 2 * day - 1)
      // Only the second entry would convert in time.
      add("a", twice, start)
      add("a", twice, start + day / 2)
      add("b", twice, start + day + 1)
      // Was there before the range; enters it again.
      add("a", early, start - 1)
      add("a", early, start + 5)
      add("b", early, start + 7)
      // At one instant: the id decides.
      add("b", equal, start + 9, id: "1")
      add("a", equal, start + 9, id: "2")
      add("b", equal, start + 9, id: "3")
      try await fixture.store(events)
      let range = ProductEvents.start..<ProductEvents.start.addingTimeInterval(86_400)
      let series = try await Funnel(
        [EventSelection("a"), EventSelection("b")], in: range, within: 86_400
      ).series(from: fixture.database)
      #expect(series.rows.map { $0[1] } == [.integer(4), .integer(3)])
      // Of 86,400, 0.000002 and 0.
      #expect(series.rows[1][4] == .number(0.000_002))
    }
  }

  @Test("of no events are zeros without shares; what cannot be asked is refused")
  func edges() async throws {
    try await ReportFixture.with { fixture in
      let range = ProductEvents.start..<ProductEvents.start.addingTimeInterval(86_400)
      let steps = [EventSelection("a"), EventSelection("b")]
      let empty = try await Funnel(steps, in: range, within: 1).series(from: fixture.database)
      #expect(
        empty.rows == [
          [.text("a"), .integer(0), .null, .null, .null],
          [.text("b"), .integer(0), .null, .null, .null],
        ])
      for (funnel, parameter) in [
        (Funnel([], in: range, within: 1), "step"),
        (Funnel(steps, in: range, within: 0), "within"),
        (Funnel(steps, in: range, within: .infinity), "within"),
      ] {
        let error = await #expect(throws: ReportError.self) {
          try await funnel.series(from: fixture.database)
        }
        #expect(error?.parameter == parameter)
      }
      #expect(EventSelection(parsing: "a,") == nil && EventSelection(parsing: ",b=1") == nil)
    }
  }
}
