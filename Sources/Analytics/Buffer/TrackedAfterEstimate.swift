/// An instant of the database's clock after which all waiting rows were certainly tracked.
///
/// The host's clock may be wrong, and a row does not record when it was appended. Therefore the
/// buffer notes which rows wait when the sink reads the database's clock. Once those are settled,
/// every remaining row was tracked after that reading.
struct TrackedAfterEstimate: Sendable {
  /// The last reading of the database's clock, and the local time at which it was noted.
  private var reading: (clock: EventTimestamp, at: ContinuousClock.Instant)?
  private var instant: EventTimestamp?
  /// A later instant, which applies once these rows are settled.
  private var next: (instant: EventTimestamp, rows: [Segment.Mark])?
  private var isKnown = true

  /// - Parameters:
  ///   - clock: The database's clock at its last reading; `nil` if it was never read.
  ///   - now: The current time of a monotonic clock.
  ///   - marks: Returns marks of all rows that are now in the buffer.
  mutating func note(
    _ clock: EventTimestamp?, now: ContinuousClock.Instant, _ marks: () -> [Segment.Mark]
  ) {
    if let clock, reading?.clock != clock { reading = (clock, now) }
    advance()
    guard isKnown, next == nil, let reading else { return }
    // NTP corrects a clock by at most 500 ppm, so two corrected clocks diverge by at most 0.1 %.
    // The factor keeps the estimate from running ahead.
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

  /// Returns the current instant; `nil` while none is certain.
  mutating func current() -> EventTimestamp? {
    advance()
    return isKnown ? instant : nil
  }

  /// Reports no instant from now on, because rows tracked elsewhere, at any time, are appended as
  /// well.
  mutating func stop() { isKnown = false }

  private mutating func advance() {
    guard let reached = next, reached.rows.allSatisfy(\.isSettled) else { return }
    (instant, next) = (reached.instant, nil)
  }
}
