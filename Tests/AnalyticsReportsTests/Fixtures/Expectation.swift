import AnalyticsReports
import Foundation
import Testing

/// The rows that a report should have, computed from the single events.
struct Expectation: Sendable {
  /// The number of dimensions.
  var dimensions = 0
  /// The values of an event's dimensions; `nil` if the report does not count the event.
  var group: @Sendable (Fact) -> [String]?
  /// The figures of a group's events in a bucket.
  var values: @Sendable ([Fact]) -> [Expected]

  enum Expected {
    case exactly(Int)
    case text(String?)
    case near(Double?)
    /// Equal within 1 %.
    case about(Double?)
  }

  /// Checks every row of a series, and that each bucket and group has a row.
  func check(
    _ series: Series, _ frame: TimeFrame, _ facts: [Fact], _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let keys = LocalKeys(frame.zone)
    var buckets: [String: [[String]: [Fact]]] = [:]
    var groups: Set<[String]> = []
    let (lower, upper) = (frame.range.lowerBound.micros, frame.range.upperBound.micros)
    for fact in facts where fact.instant >= lower && fact.instant < upper {
      guard let group = group(fact) else { continue }
      groups.insert(group)
      buckets[keys.key(fact.date, frame.granularity), default: [:]][group, default: []].append(fact)
    }
    if dimensions == 0 { groups = [[]] }
    // If there are too many rows, rows without events are left out.
    let all = frame.buckets.count * groups.count
    let count = all > TimeFrame.bucketsMax ? buckets.values.reduce(0) { $0 + $1.count } : all
    #expect(series.rows.count == count, comment, sourceLocation: sourceLocation)
    var seen: Set<[String]> = []
    for row in series.rows {
      guard case .instant(let start) = row[0] else {
        Issue.record("no time", sourceLocation: sourceLocation)
        continue
      }
      let key = keys.key(start, frame.granularity)
      let group = row[1..<1 + dimensions].map { value in
        if case .text(let text) = value { text } else { "?" }
      }
      seen.insert([key] + group)
      let expected = values(buckets[key]?[group] ?? [])
      let found = Array(row.dropFirst(1 + dimensions))
      let isRight =
        found.count == expected.count && zip(found, expected).allSatisfy { $1.matches($0) }
      #expect(
        isRight, "\(comment): \(key) \(group): found \(found), expected \(expected)",
        sourceLocation: sourceLocation)
    }
    for (key, found) in buckets {
      for group in found.keys {
        let isThere = seen.contains([key] + group)
        #expect(
          isThere, "\(comment): \(key) \(group) is missing", sourceLocation: sourceLocation)
      }
    }
  }
}

extension Expectation.Expected {
  func matches(_ value: Series.Value) -> Bool {
    switch (self, value) {
    case (.exactly(let expected), .integer(let found)): expected == found
    case (.text(let expected?), .text(let found)): expected == found
    case (.near(let expected?), .number(let found)):
      abs(expected - found) <= abs(expected) * 1e-9 + 1e-9
    case (.about(let expected?), .number(let found)):
      abs(expected - found) <= expected * 0.010001
    case (.near(nil), .null), (.about(nil), .null), (.text(nil), .null): true
    default: false
    }
  }

  /// The nearest-rank percentile of durations, by its definition.
  static func percentile(_ percent: Double, of durations: [Int]) -> Self {
    guard !durations.isEmpty else { return .about(nil) }
    let rank = Int((percent * Double(durations.count) / 100).rounded(.up))
    return .about(Double(durations.sorted()[max(1, rank) - 1]))
  }

  static func average(of numbers: [Int]) -> Self {
    .near(numbers.isEmpty ? nil : Double(numbers.reduce(0, +)) / Double(numbers.count))
  }

  static func ratio(_ part: Int, of whole: Int) -> Self {
    .near(whole == 0 ? nil : Double(part) / Double(whole))
  }
}

extension [Fact] {
  func count(_ type: String) -> Expectation.Expected { .exactly(number(type)) }
  func number(_ type: String) -> Int { filter { $0.type == type }.count }
  func numbers(_ field: String) -> [Int] { compactMap { $0.numbers[field] } }
  var users: Set<String> { Set(compactMap(\.user)) }
}

extension Date {
  /// Microseconds since 1970.
  var micros: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }
}
