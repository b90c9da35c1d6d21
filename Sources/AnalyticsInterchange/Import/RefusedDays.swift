import Analytics
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The days whose events `import` refuses: the rollups count them, and their raw events were
/// removed by hand.
struct RefusedDays: Sendable {
  private var days: Set<Int64> = []

  /// Creates an empty set.
  init() {}

  /// - Parameter days: The starts of UTC days.
  init(_ days: [Date]) {
    self.days = Set(days.map(\.utcDayNumber))
  }

  func problem(at timestamp: EventTimestamp) -> LineProblem? {
    guard !days.isEmpty else { return nil }
    let (day, _) = timestamp.microsecondsSinceUnixEpoch
      .flooredDivision(by: CivilDate.microsecondsPerDay)
    guard days.contains(day) else { return nil }
    return .removedByHand(day: CivilDate(daysSinceUnixEpoch: day).text)
  }
}
