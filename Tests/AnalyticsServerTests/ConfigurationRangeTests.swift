import AnalyticsConnections
import AnalyticsTestSupport
import Testing

@testable import AnalyticsServer

@Suite("A server's configuration", .timeLimit(.minutes(60)))
struct ConfigurationRangeTests {
  /// Sets one property to a value.
  struct Change: Sendable, CustomTestStringConvertible {
    let name: String
    let value: String
    /// The permitted range, as an error states it.
    let range: String
    let apply: @Sendable (inout ReportServerConfiguration) -> Void

    var testDescription: String { "\(name) is \(value)" }

    static func all<Value: Sendable>(
      _ name: String, _ property: Property<Value>, _ values: [Value], _ range: String
    ) -> [Change] {
      values.map { value in
        Change(name: name, value: "\(value)", range: range) { $0[keyPath: property] = value }
      }
    }
  }

  typealias Property<Value> = any WritableKeyPath<ReportServerConfiguration, Value> & Sendable

  private static let smallest: Duration = .nanoseconds(1)
  private static let century: Duration = .seconds(36_500 * 86_400)

  /// Each number with values inside its range, values outside it, and the range.
  private static let numbers:
    [(name: String, property: Property<Int>, right: [Int], wrong: [Int], range: String)] = [
      ("port", \.port, [0, 1, 65_535], [.min, -1, 65_536, 70_000, .max], "0 to 65535"),
      ("limits.burst", \.limits.burst, [1, .max], [.min, -1, 0], "1 or more"),
      ("limits.headerBytes", \.limits.headerBytes, [1, .max], [.min, -1, 0], "1 or more"),
      ("limits.bodyBytes", \.limits.bodyBytes, [0, .max], [.min, -1], "0 or more"),
      ("limits.connections", \.limits.connections, [1, .max], [.min, -1, 0], "1 or more"),
      ("limits.reports", \.limits.reports, [1, 1000], [.min, -1, 0, 1001, .max], "1 to 1000"),
      ("limits.cacheBytes", \.limits.cacheBytes, [.min, 0, .max], [], "any"),
    ]

  private static let durations: [(name: String, property: Property<Duration>)] = [
    ("limits.reportTimeout", \.limits.reportTimeout),
    ("limits.exploreTimeout", \.limits.exploreTimeout),
    ("limits.lookupTimeout", \.limits.lookupTimeout),
    ("limits.requestTimeout", \.limits.requestTimeout),
    ("limits.writeStallTimeout", \.limits.writeStallTimeout),
    ("limits.idleTimeout", \.limits.idleTimeout),
    ("limits.gaugeInterval", \.limits.gaugeInterval),
  ]

  private static let wrong: [Change] = [
    numbers.flatMap { Change.all($0.name, $0.property, $0.wrong, $0.range) },
    durations.flatMap {
      Change.all(
        $0.name, $0.property,
        [.zero, .seconds(-1), century + smallest, .seconds(Int64.max), .seconds(Int64.min)],
        "above zero and at most 36500 days")
    },
    Change.all(
      "limits.requestsPerSecond", \.limits.requestsPerSecond, [.nan],
      "a number. 0 or less means no limit"),
  ].flatMap(\.self)

  private static let right: [Change] = [
    numbers.flatMap { Change.all($0.name, $0.property, $0.right, $0.range) },
    durations.flatMap { Change.all($0.name, $0.property, [smallest, century], "") },
    Change.all(
      "limits.cacheAge", \.limits.cacheAge,
      [.seconds(Int64.min), .zero, .seconds(Int64.max)], "any"),
    Change.all(
      "limits.requestsPerSecond", \.limits.requestsPerSecond,
      [-.infinity, -1, 0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity], "any"),
  ].flatMap(\.self)

  @Test("with a value outside its range is refused before the server connects", arguments: wrong)
  func refused(change: Change) async throws {
    var configuration = ReportServerConfiguration()
    // If it were accepted, the server would log that it cannot ask for its keys. Then it would end,
    // because this machine does not have the address.
    configuration.host = "192.0.2.1"
    change.apply(&configuration)
    let log = RecordedLog()
    let server = ReportServer(
      try AnalyticsDatabase(url: nowhere), configuration, logger: log.logger)
    let error = await #expect(throws: ReportServerError.self) { try await server.run() }
    #expect(error?.code == .configuration)
    #expect(error?.description == "\(change.name) is \(change.value); it must be \(change.range)")
    #expect(log.lines.isEmpty, "\(log.lines)")
  }

  @Test("is accepted up to the ends of the ranges, and by default", arguments: right)
  func accepted(change: Change) throws {
    var configuration = ReportServerConfiguration()
    try configuration.check()
    change.apply(&configuration)
    try configuration.check()
    // The database of reports and the gauges accept these values too.
    _ = ReportServer(try AnalyticsDatabase(url: nowhere), configuration, logger: silentLogger)
  }
}
