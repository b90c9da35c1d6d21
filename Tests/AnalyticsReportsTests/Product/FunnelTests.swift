import AnalyticsReports
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@Suite("Funnels", .timeLimit(.minutes(60)))
struct FunnelTests {
  private struct Step: Equatable {
    var users = 0
    var gaps: [Int64] = []

    /// The median in seconds, by nearest rank.
    var median: Double? {
      gaps.isEmpty ? nil : Double(gaps.sorted()[(gaps.count + 1) / 2 - 1]) / 1_000_000
    }
  }

  /// One way in which a user reached a step: the time, and the events of that time that it uses.
  private struct Way: Hashable {
    var time: Int64
    var used: Set<UUID>
  }

  /// Computes the steps by trying all ways that a user's events allow.
  private func expected(
    _ events: [ProductEvent], _ steps: [(ProductEvent) -> Bool], range: Range<Date>,
    window: Int64
  ) -> [Step] {
    var found = steps.map { _ in Step() }
    for (_, own) in Dictionary(grouping: events.filter { $0.user != nil }, by: \.user) {
      let entries = own.filter { steps[0]($0) && range.contains($0.date) }
      guard let entry = entries.map(\.time).min() else { continue }
      found[0].users += 1
      var ways = Set(
        entries.filter { $0.time == entry }.map { Way(time: entry, used: [$0.id]) })
      var last = entry
      for index in steps.indices.dropFirst() {
        var next: Set<Way> = []
        for way in ways {
          for event in own
          where steps[index](event) && event.time >= way.time && event.time - entry <= window
            && !way.used.contains(event.id)
          {
            let used = event.time == way.time ? way.used : []
            next.insert(Way(time: event.time, used: used.union([event.id])))
          }
        }
        guard let time = next.map(\.time).min() else { break }
        ways = next.filter { $0.time == time }
        found[index].users += 1
        found[index].gaps.append(time - last)
        last = time
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

  @Test("have the figures that trying all ways through every user's events gives", arguments: 0..<4)
  func bruteForce(round: Int) async throws {
    let random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      var generator = ProductEvents(random, users: 40)
      // The range is a few days, so that many events share an instant.
      let events = generator.events(1200, days: 6).map { event in
        // In some rounds events have the same hour or half day, as with coarse clocks.
        var event = event
        let grain: Int64 = [1, 1, 3600, 43_200][round] * 1_000_000
        if grain > 1_000_000 { event.time -= event.time % grain }
        return event
      }
      try await fixture.store(events)
      let range =
        ProductEvents.start..<ProductEvents.start.addingTimeInterval(Double(round + 1) * 86_400)
      let funnels: [([String], [(ProductEvent) -> Bool])] = [
        (
          ["viewed", "carted", "bought"],
          [{ $0.type == "viewed" }, { $0.type == "carted" }, { $0.type == "bought" }]
        ),
        // One event counts for one step only, although it matches all steps.
        (
          ["viewed", "viewed", "viewed"], Array(repeating: { $0.type == "viewed" }, count: 3)
        ),
        (
          ["carted,plan=pro", "left,step=2,service=web"],
          [
            { $0.type == "carted" && $0.fields["plan"] == "pro" },
            { $0.type == "left" && $0.fields["step"] == "2" && $0.service == "web" },
          ]
        ),
        // For events of one instant the choice of the event for a step matters.
        (
          ["viewed", "viewed,plan=pro", "viewed,step=2", "carted", "viewed"],
          [
            { $0.type == "viewed" }, { $0.type == "viewed" && $0.fields["plan"] == "pro" },
            { $0.type == "viewed" && $0.fields["step"] == "2" }, { $0.type == "carted" },
            { $0.type == "viewed" },
          ]
        ), (["left"], [{ $0.type == "left" }]),
      ]
      for (texts, steps) in funnels {
        // The windows are whole numbers of quarters of an hour, so many gaps are exactly as long as the window.
        for window: Double in [900, 7200, 3 * 86_400] {
          let selections = try texts.map { try EventSelection(parsing: $0) }
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

  @Test("use the first entry, and count steps after the range's end")
  func semantics() async throws {
    try await ReportFixture.with { fixture in
      let day: Int64 = 86_400_000_000
      let start = Int64(ProductEvents.start.timeIntervalSince1970) * 1_000_000
      var events: [ProductEvent] = []
      func add(_ type: String, _ user: UUID, _ time: Int64) {
        events.append(ProductEvent(id: UUID(), time: time, type: type, user: user))
      }
      let (late, twice, early) = (UUID(), UUID(), UUID())
      // The user enters in the last microsecond of the range, and converts after it, at the last instant of the window.
      add("a", late, start + day - 1)
      add("b", late, start + 2 * day - 1)
      // Only the second entry is followed by a conversion in time.
      add("a", twice, start)
      add("a", twice, start + day / 2)
      add("b", twice, start + day + 1)
      // The user entered before the range, and enters it again.
      add("a", early, start - 1)
      add("a", early, start + 5)
      add("b", early, start + 7)
      try await fixture.store(events)
      let range = ProductEvents.start..<ProductEvents.start.addingTimeInterval(86_400)
      let series = try await Funnel(
        [EventSelection("a"), EventSelection("b")], in: range, within: 86_400
      ).series(from: fixture.database)
      #expect(series.rows.map { $0[1] } == [.integer(3), .integer(2)])
      // The median of 86,400 and 0.000002.
      #expect(series.rows[1][4] == .number(0.000_002))
    }
  }

  @Test("order events of one instant by the steps, whatever their ids are")
  func sameInstant() async throws {
    var random = SeededGenerator.printingSeed()
    try await ReportFixture.with { fixture in
      let start = Int64(ProductEvents.start.timeIntervalSince1970) * 1_000_000
      var events: [ProductEvent] = []
      func add(_ type: String, _ user: UUID, plan: String? = nil) {
        events.append(
          ProductEvent(
            id: random.uuid(), time: start, type: type, user: user,
            fields: plan.map { ["plan": $0] } ?? [:]))
      }
      for _ in 0..<50 {
        let user = random.uuid()
        add("a", user)
        add("b", user)
      }
      // After both events are used, none is left for the third step.
      let twice = random.uuid()
      for plan in ["free", "pro"] { add("c", twice, plan: plan) }
      try await fixture.store(events)
      let range = ProductEvents.start..<ProductEvents.start.addingTimeInterval(86_400)
      for (steps, users) in [
        (["a", "b"], [50, 50]), (["b", "a"], [50, 50]), (["a", "a"], [50, 0]),
        (["a", "b", "a"], [50, 50, 0]), (["c", "c", "c"], [1, 1, 0]),
        (["c", "c,plan=pro"], [1, 1]), (["c", "c,plan=free"], [1, 1]),
        (["c,plan=pro", "c,plan=pro"], [1, 0]), (["c,plan=pro", "c", "c"], [1, 1, 0]),
      ] {
        let series = try await Funnel(
          steps.map { try EventSelection(parsing: $0) }, in: range, within: 60
        ).series(from: fixture.database)
        #expect(series.rows.map { $0[1] } == users.map { .integer($0) }, "\(steps)")
      }
    }
  }

  @Test("have zeros without shares if there are no events; invalid questions are refused")
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
      for text in ["a,", ",b=1"] {
        #expect(throws: ReportError.self) { try EventSelection(parsing: text) }
      }
    }
  }
}
