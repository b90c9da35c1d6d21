internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

extension RollupReader {
  /// How many users were seen for the first time ever.
  ///
  /// - Returns: By piece.
  mutating func newUsers(_ frame: TimeFrame) async throws(PostgresError) -> [Int] {
    let cover = cover(frame.ranges, of: .activity)
    lookForPending(.activity, before: frame.range.upperBound)
    try await readVersions(frame.ranges)
    let bounds = frame.ranges.map { range in
      (PostgresTimestamp(range.lowerBound).microseconds)..<PostgresTimestamp(range.upperBound)
        .microseconds
    }
    // Pieces begin and end with a quarter, as far as quarters are all that is known.
    let pieces = bounds.map {
      $0.lowerBound.floored(to: RangeCover.quarter)..<$0.upperBound.floored(to: RangeCover.quarter)
    }
    let cutQuarters = Set(
      cover.pieces.filter { $0.level == .raw }.map { $0.lower.floored(to: RangeCover.quarter) })
    let cutDays = Set(
      pieces.flatMap { [$0.lowerBound, $0.upperBound] }
        .filter { $0 % RangeCover.day != 0 }.map { $0.floored(to: RangeCover.day) })
    var counts = pieces.map { _ in 0 }
    let days = try await newUsersByDay(bounds[0].lowerBound..<bounds[bounds.count - 1].upperBound)
    for (day, count) in days where !cutDays.contains(day) {
      if let piece = pieces.index(around: day) { counts[piece] += count }
    }
    // Only where a bound lies within a day are its quarters read.
    for (quarter, count) in try await newUsersByQuarter(days.filter { cutDays.contains($0.key) })
    where !cutQuarters.contains(quarter) {
      if let piece = pieces.index(around: quarter) { counts[piece] += count }
    }
    for instant in try await newUsersByInstant(cutQuarters) {
      if let piece = bounds.index(around: instant) { counts[piece] += 1 }
    }
    return counts
  }

  /// How many users there ever were. Those of days that are over stay as many as long as nothing is
  /// stored of any of these days.
  func usersEver() async throws(PostgresError) -> Int {
    let today = today ?? 0
    let row = try await connection.query(
      ReportStatement.usersToday.text(), [.timestamptz(microseconds: today)]
    ).only()
    let new = try row.decode(Int.self, at: 0)
    let version = [try row.decode(Int64.self, at: 1)]
    let key = KeptReads.Key(query: "users ever", lower: .min, upper: today)
    if isEverythingComputed, case .counts(let known)? = kept.content(key, version) {
      return (known[[]] ?? 0) + new
    }
    let before: Int = try await connection.query(
      ReportStatement.usersBefore.text(), [.timestamptz(microseconds: today)]
    ).only().decode(at: 0)
    if isEverythingComputed { kept.keep(.counts([[]: before]), as: key, version) }
    return before + new
  }

  private func newUsersByDay(_ range: Range<Int64>) async throws(PostgresError) -> [Int64: Int] {
    let rows = try await connection.query(
      ReportStatement.firstDays.text(),
      [
        .timestamptz(microseconds: range.lowerBound.floored(to: RangeCover.day)),
        .timestamptz(microseconds: range.upperBound),
      ])
    var counts: [Int64: Int] = [:]
    for row in rows {
      counts[try row.decode(PostgresTimestamp.self, at: 0).microseconds] = try row.decode(at: 1)
    }
    return counts
  }

  /// A day's new users are the same as long as it has as many of them and as many events: only an event
  /// of that day adds one, or brings one forward; an event of a day before takes one away.
  ///
  /// - Parameter days: How many there are on each.
  private mutating func newUsersByQuarter(
    _ days: [Int64: Int]
  ) async throws(PostgresError) -> [Int64: Int] {
    func key(_ day: Int64) -> KeptReads.Key {
      .init(query: "new users by quarter", lower: day, upper: day + RangeCover.day)
    }
    func standing(_ day: Int64) -> [Int64]? {
      versions.map { [$0[day] ?? 0, Int64(days[day] ?? 0)] }
    }
    var counts: [Int64: Int] = [:]
    var missing: [Int64] = []
    for day in days.keys.sorted() {
      if let standing = standing(day), case .counts(let known)? = kept.content(key(day), standing) {
        for (quarter, count) in known { counts[Int64(quarter[0].text) ?? 0] = count }
      } else {
        missing.append(day)
      }
    }
    for some in missing.chunks(of: Self.daysAtOnce) {
      let activity = try await activity(on: some)
      for row in try await connection.query(
        ReportStatement.firstUsers.text(), [.timestamptzArray(microseconds: some)])
      {
        let day = try row.decode(PostgresTimestamp.self, at: 0).microseconds
        let byQuarter = activity[day]?.countByFirstQuarter(of: Set(userNumbers(row))) ?? [:]
        var known: [Group: Int] = [:]
        for (quarter, count) in byQuarter {
          let instant = day + Int64(quarter) * RangeCover.quarter
          counts[instant] = count
          known[[ExactString("\(instant)")]] = count
        }
        if let standing = standing(day) { kept.keep(.counts(known), as: key(day), standing) }
      }
    }
    return counts
  }

  /// - Returns: The instant of each new user's first event.
  private func newUsersByInstant(_ quarters: Set<Int64>) async throws(PostgresError) -> [Int64] {
    guard let first = quarters.min(), let last = quarters.max() else { return [] }
    return try await connection.query(
      ReportStatement.firstInstants.text(Self.users),
      [
        .timestamptzArray(microseconds: quarters.sorted()), .timestamptz(microseconds: first),
        .timestamptz(microseconds: last + RangeCover.quarter),
      ]
    ).map { row throws(PostgresError) in
      try row.decode(PostgresTimestamp.self, at: 0).microseconds
    }
  }
}

extension [Range<Int64>] {
  /// Which of some ranges in order holds a number.
  fileprivate func index(around number: Int64) -> Int? {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if self[middle].upperBound <= number { lower = middle + 1 } else { upper = middle }
    }
    return lower < count && self[lower].contains(number) ? lower : nil
  }
}
