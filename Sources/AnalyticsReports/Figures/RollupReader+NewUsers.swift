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
    let midnight = PostgresTimestamp(microseconds: today)
    let row = try await connection.query(
      """
      SELECT (SELECT count(*) FROM analytics_users WHERE first_day >= \(midnight)) AS new,
             (SELECT coalesce(sum(events), 0)::bigint FROM analytics_rollup_events_daily
              WHERE day < \(midnight)) AS events_before
      """
    ).only()
    let new = try row.decode(Int.self, "new")
    let version = [try row.decode(Int64.self, "events_before")]
    let key = KeptReads.Key(query: "users ever", lower: .min, upper: today)
    if isEverythingComputed, case .counts(let known)? = kept.content(key, version) {
      return (known[[]] ?? 0) + new
    }
    let before: Int = try await connection.query(
      "SELECT count(*) FROM analytics_users WHERE first_day < \(midnight)"
    ).value()
    if isEverythingComputed { kept.keep(.counts([[]: before]), as: key, version) }
    return before + new
  }

  private func newUsersByDay(_ range: Range<Int64>) async throws(PostgresError) -> [Int64: Int] {
    let start = range.lowerBound.floored(to: RangeCover.day)
    let rows = try await connection.query(
      """
      SELECT first_day, count(*) AS users FROM analytics_users
      WHERE first_day >= \(PostgresTimestamp(microseconds: start))
        AND first_day < \(PostgresTimestamp(microseconds: range.upperBound))
      GROUP BY first_day
      """)
    var counts: [Int64: Int] = [:]
    for row in rows {
      let day = try row.decode(PostgresTimestamp.self, "first_day").microseconds
      counts[day] = try row.decode(Int.self, "users")
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
      let rows = try await connection.query(
        """
        SELECT u.first_day, string_agg(uuid_send(u.user_id), '') AS users
        FROM analytics_users AS u
        WHERE u.first_day = ANY (\(some.instants))
        GROUP BY u.first_day
        """)
      for row in rows {
        let day = try row.decode(PostgresTimestamp.self, "first_day").microseconds
        let byQuarter = activity[day]?.countByFirstQuarter(of: Set(try userNumbers(row))) ?? [:]
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
    // The planner sees what partitions they lie in.
    let instants: [PostgresTimestamp] = try await connection.query(
      """
      SELECT min(e.timestamp)
      FROM unnest(\(quarters.sorted().instants)) AS p (quarter)
      JOIN \(Self.users) AS f ON f.day = analytics_day(p.quarter)
      JOIN analytics_users AS u ON u.user_id = f.member AND u.first_day = f.day
      JOIN analytics_events AS e ON e.user_id = f.member
          AND e.timestamp >= p.quarter AND e.timestamp < p.quarter + interval '15 minutes'
          AND e.timestamp >= \(PostgresTimestamp(microseconds: first))
          AND e.timestamp < \(PostgresTimestamp(microseconds: last + RangeCover.quarter))
      WHERE f.day + (position(B'1' IN f.quarters) - 1) * interval '15 minutes' = p.quarter
        AND f.day BETWEEN analytics_day(\(PostgresTimestamp(microseconds: first)))
                      AND analytics_day(\(PostgresTimestamp(microseconds: last)))
        AND u.first_day BETWEEN analytics_day(\(PostgresTimestamp(microseconds: first)))
                            AND analytics_day(\(PostgresTimestamp(microseconds: last)))
      GROUP BY f.member
      """
    ).values()
    return instants.map(\.microseconds)
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
