import AnalyticsText
import Testing

@Suite("Ranges of options")
struct OptionRangeTests {
  private static let longest: Duration = .seconds(36_500 * 86_400)

  @Test("permit a wait above zero and up to 36,500 days")
  func waits() {
    for wait in [.nanoseconds(1), .seconds(15), Self.longest] as [Duration] {
      #expect(OptionRange.problem("interval", wait: wait) == nil)
    }
    for wait in [.zero, .seconds(-1), Self.longest + .nanoseconds(1), .seconds(Int64.max)]
      as [Duration]
    {
      #expect(
        OptionRange.problem("interval", wait: wait)
          == "interval is \(wait); it must be above zero and at most 36500 days")
    }
  }

  @Test("permit a grace of zero")
  func graces() {
    #expect(OptionRange.problem("grace", grace: .zero) == nil)
    #expect(OptionRange.problem("grace", grace: Self.longest) == nil)
    #expect(
      OptionRange.problem("grace", grace: .seconds(-1))
        == "grace is -1.0 seconds; it must be zero to 36500 days")
  }

  @Test("name the range of a time in the words of the option")
  func times() {
    let range: ClosedRange<Duration> = .seconds(1)...(.seconds(60))
    for time in [.seconds(1), .seconds(60)] as [Duration] {
      #expect(OptionRange.problem("length", time, in: range, "a second to a minute") == nil)
    }
    for time in [.milliseconds(999), .milliseconds(60_001)] as [Duration] {
      #expect(
        OptionRange.problem("length", time, in: range, "a second to a minute")
          == "length is \(time); it must be a second to a minute")
    }
  }

  @Test("name both ends for numbers, or only the lower one")
  func numbers() {
    #expect(OptionRange.problem("days", 0, in: 0...10) == nil)
    #expect(OptionRange.problem("days", 10, in: 0...10) == nil)
    #expect(OptionRange.problem("days", 11, in: 0...10) == "days is 11; it must be 0 to 10")
    #expect(
      OptionRange.problem("burst", 0, in: 1...Int.max) == "burst is 0; it must be 1 or more")
  }

  @Test("stop the process with the text, if the initialiser cannot throw")
  func stops() async throws {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      OptionRange.require(noProblem: OptionRange.problem("interval", wait: .zero))
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("interval is 0.0 seconds; it must be above zero"))
  }

  @Test("do not stop the process for a permitted value")
  func goesOn() {
    OptionRange.require(noProblem: OptionRange.problem("interval", wait: .seconds(1)))
  }
}
