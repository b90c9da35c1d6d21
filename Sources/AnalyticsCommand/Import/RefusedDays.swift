import Analytics
import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The days of which no event is imported: the rollups have them, and somebody has taken their raw events out.
struct RefusedDays: Sendable {
  private var days: Set<Int64> = []

  private static let microsecondsADay: Int64 = 86_400_000_000

  /// None.
  init() {}

  /// - Parameter days: The beginnings of UTC days.
  init(_ days: [Date]) {
    self.days = Set(days.map { Int64(($0.timeIntervalSince1970 / 86_400).rounded(.down)) })
  }

  func problem(at timestamp: EventTimestamp) -> LineProblem? {
    guard !days.isEmpty else { return nil }
    let (day, _) = timestamp.microsecondsSinceUnixEpoch.flooredDivision(by: Self.microsecondsADay)
    guard days.contains(day) else { return nil }
    return .takenOut(day: CivilDate(daysSinceUnixEpoch: day).text)
  }
}
