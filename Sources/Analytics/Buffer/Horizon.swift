/// The moment after which all rows that wait were certainly tracked, by the database's clock.
///
/// A host's clock may be wrong, and a row does not say when it was appended. But the sink reads the
/// database's clock, and the buffer notes which rows wait at that moment. Once they are settled, every row
/// that is left was tracked after that reading.
struct Horizon: Sendable {
  /// What the database's clock has shown, and when we heard of it.
  private var reading: (clock: EventTimestamp, at: ContinuousClock.Instant)?
  private var instant: EventTimestamp?
  /// A later one, which holds once these rows are settled.
  private var next: (instant: EventTimestamp, rows: [Segment.Mark])?
  private var isKnown = true

  /// - Parameters:
  ///   - clock: What the database's clock showed when it was read last; `nil` if it never was.
  ///   - now: By a monotonic clock.
  ///   - marks: All that is in the buffer now.
  mutating func note(
    _ clock: EventTimestamp?, now: ContinuousClock.Instant, _ marks: () -> [Segment.Mark]
  ) {
    if let clock, reading?.clock != clock { reading = (clock, now) }
    advance()
    guard isKnown, next == nil, let reading else { return }
    // Two clocks that are kept right, each by at most 500 millionths (NTP), differ by no more.
    let passed = (now - reading.at) * 0.999
    let microseconds =
      passed.components.seconds * 1_000_000
      + passed.components.attoseconds / 1_000_000_000_000
    next = (
      EventTimestamp(
        microsecondsSinceUnixEpoch: reading.clock.microsecondsSinceUnixEpoch + microseconds),
      marks()
    )
  }

  /// `nil` while nothing is certain.
  mutating func current() -> EventTimestamp? {
    advance()
    return isKnown ? instant : nil
  }

  /// From now on rows come from elsewhere, too: they may be of any time.
  mutating func giveUp() { isKnown = false }

  private mutating func advance() {
    guard let reached = next, reached.rows.allSatisfy(\.isSettled) else { return }
    (instant, next) = (reached.instant, nil)
  }
}
