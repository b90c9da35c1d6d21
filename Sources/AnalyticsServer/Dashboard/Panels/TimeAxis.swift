internal import AnalyticsReports
internal import Foundation

/// The labels below a chart: as many times as there is room for, evenly spaced.
struct TimeAxis {
  /// A label for each bucket; `nil` for most.
  let ticks: [String?]

  /// - Parameter granularity: With `hour`, buckets may have any length; they are labelled by the
  ///   clock.
  init(_ starts: [Date], by granularity: Granularity, in zone: TimeZone) {
    let times = starts.map { LocalTime($0, in: zone) }
    let namesYear = times.first?.year != times.last?.year
    // Longer labels need more room.
    let ticksMax = namesYear ? 5 : 7
    let text = TimeText(granularity: granularity, zone: zone)
    if granularity == .hour {
      let marks = ClockMarks(starts, times, ticksMax)
      ticks = zip(starts, marks.marks).map { start, mark in
        mark.map { text.short(start, $0, namesYear: namesYear) }
      }
    } else {
      let step = max(1, (starts.count + ticksMax - 1) / ticksMax)
      ticks = starts.enumerated().map { index, start in
        index % step == 0 ? text.short(start, namesYear: namesYear) : nil
      }
    }
  }
}

/// The labels of an axis of hours: at the hours that a step divides, and at the first bucket of
/// each day.
private struct ClockMarks {
  /// A mark for each bucket; `nil` for most.
  private(set) var marks: [TimeText.Mark?]

  private static let steps = [1, 2, 3, 4, 6, 12]

  init(_ starts: [Date], _ times: [LocalTime], _ marksMax: Int) {
    marks = times.map { _ in nil }
    guard let first = starts.first, let last = starts.last else { return }
    let isNewDay = times.indices.map { index in
      index > 0 ? times[index - 1].localDay != times[index].localDay : times[0].isMidnight
    }
    let hours = Int(last.timeIntervalSince(first) / 3600) + 1
    if let step = Self.steps.first(where: { hours <= $0 * marksMax }) {
      markHours(times, step, isNewDay)
    } else {
      let days = isNewDay.count { $0 }
      markDays(times, max(1, (days + marksMax - 1) / marksMax), isNewDay)
    }
  }

  private mutating func markHours(_ times: [LocalTime], _ step: Int, _ isNewDay: [Bool]) {
    for (index, time) in times.enumerated() where time.hour % step == 0 {
      // When clocks are set back, an hour comes twice.
      let isNewHour = index > 0 ? times[index - 1].hour != time.hour : time.minute == 0
      if isNewDay[index] { marks[index] = .day } else if isNewHour { marks[index] = .clock }
    }
    // The axis names its day even if it contains no midnight.
    if !marks.contains(.day), let first = marks.firstIndex(of: .clock) { marks[first] = .day }
  }

  /// - Parameter step: The number of days from one mark to the next.
  private mutating func markDays(_ times: [LocalTime], _ step: Int, _ isNewDay: [Bool]) {
    var next: LocalDay?
    for (index, time) in times.enumerated() where isNewDay[index] {
      if let next, time.localDay < next { continue }
      marks[index] = .day
      next = time.localDay.adding(days: step)
    }
  }
}

extension LocalTime {
  fileprivate var isMidnight: Bool { hour == 0 && minute == 0 }
}
