/// The counters of an orphaned segment. `committed` is `nil` if it is outside the segment.
struct OrphanCounters {
  var committed: Int?
  var drained: Int

  init(_ page: UnsafeMutableRawPointer, capacity: Int) {
    let counted = SegmentHeader.committed(page).load()
    committed = (0...max(0, capacity)).contains(counted) ? counted : nil
    drained = SegmentHeader.drained(page).load()
  }
}

/// The unsettled rows of an orphaned segment that can be trusted, and an estimate of those that
/// were lost.
struct TrustedRows {
  /// The range from the first trusted unsettled row to the end of the last one before a gap.
  private(set) var range: Range<Int>
  /// The number of trusted rows, including those behind gaps.
  private(set) var count: Int
  /// The number of rows that existed and cannot be trusted, as a lower bound.
  private(set) var lost: Int
  /// The range of each trusted row if there are gaps between them; otherwise empty.
  private(set) var ranges: [Range<Int>] = []

  /// Whether pages between trusted rows never reached the device.
  var hasGaps: Bool { !ranges.isEmpty }

  /// Trusts all whole rows from the first unsettled one up to a limit.
  ///
  /// - Parameter limit: The number of bytes that can be trusted; more than all of `data` means all.
  init(_ data: UnsafeRawBufferPointer, below limit: Int, _ counters: OrphanCounters) {
    let trusted = min(limit, data.count)
    // After a power loss, settled rows may reach further than trusted ones.
    let reach = max(trusted, min(counters.committed ?? 0, data.count))
    let noted = counters.drained
    let settled = Self.isRowStart(noted, in: data.slice(0..<reach)) ? noted : 0
    let start = min(settled, trusted)
    let (length, rows) = Segment.wholeRows(data.slice(start..<trusted))
    (range, count) = (start..<start + length, rows)
    lost =
      counters.committed == nil
      // The number of further rows is unknown: at least one, if there is more data.
      ? trusted < data.count ? 1 : 0
      : Self.rowsUnread(in: data, from: max(start + length, settled), counters)
    check(within: data.count)
  }

  /// Trusts exactly the rows that the row table confirms.
  init(_ data: UnsafeRawBufferPointer, _ found: RowTable.Found, _ counters: OrphanCounters) {
    let noted = counters.drained
    let reach = min(max(found.rows.last?.upperBound ?? 0, counters.committed ?? 0), data.count)
    let isKnown =
      found.rows.contains { $0.lowerBound == noted || $0.upperBound == noted }
      || Self.isRowStart(noted, in: data.slice(0..<reach))
    let settled = isKnown ? noted : 0
    let first = found.rows.firstIndex { $0.lowerBound >= settled } ?? found.rows.count
    let rows = found.rows[first...]
    guard let firstRow = rows.first, let lastRow = rows.last else {
      (range, count) = (settled..<settled, 0)
      lost = Self.rowsUnread(in: data, from: settled, counters)
      check(within: data.count)
      return
    }
    var end = firstRow.lowerBound
    for row in rows where row.lowerBound == end { end = row.upperBound }
    range = firstRow.lowerBound..<end
    count = rows.count
    if end != lastRow.upperBound { ranges = Array(rows) }
    // Even if the counter matches no remaining row, it may be right about what is settled.
    let open = max(settled, (0...reach).contains(noted) ? noted : 0)
    lost =
      Self.rowsMissing(from: rows, found.numbers[first...], in: data, above: open)
      + Self.rowsUnread(in: data, from: max(open, lastRow.upperBound), counters)
    check(within: data.count)
  }

  /// Asserts what holds whatever the file contains, because later code relies on it.
  private func check(within bytes: Int) {
    assert(0 <= range.lowerBound && range.upperBound <= bytes, "trusted rows are in the data")
    assert(count >= 0 && lost >= 0, "no fewer than no rows are trusted or lost")
    assert(
      zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound },
      "rows follow each other")
    assert(ranges.last.map { $0.upperBound <= bytes } ?? true, "trusted rows are in the data")
  }

  /// Returns how many rows are missing between the remaining ones.
  private static func rowsMissing(
    from rows: ArraySlice<Range<Int>>, _ numbers: ArraySlice<Int>,
    in data: UnsafeRawBufferPointer, above open: Int
  ) -> Int {
    var missing = 0
    var last: (end: Int, number: Int)?
    for (row, number) in zip(rows, numbers) {
      if let last, last.end >= open {
        missing += number - last.number - 1
      } else if open < row.lowerBound {
        missing += Self.rows(in: data.slice(open..<row.lowerBound))
      }
      last = (row.upperBound, number)
    }
    return missing
  }

  /// Returns how many committed rows lie behind the readable ones, as a lower bound.
  private static func rowsUnread(
    in data: UnsafeRawBufferPointer, from start: Int, _ counters: OrphanCounters
  ) -> Int {
    let unread = start..<max(start, counters.committed ?? 0)
    let seen = unread.clamped(to: 0..<data.count)
    return rows(in: data.slice(seen)) + (seen.count < unread.count ? 1 : 0)
  }

  /// Returns the number of rows in `data`, counting an incomplete rest as one.
  private static func rows(in data: UnsafeRawBufferPointer) -> Int {
    let (length, rows) = Segment.wholeRows(data)
    return rows + (length < data.count ? 1 : 0)
  }

  /// Whether a drained counter falls on the start of a row; otherwise it is ignored. Delivering
  /// rows again is harmless, because duplicates are recognised by key; skipping rows would lose
  /// them.
  private static func isRowStart(_ offset: Int, in data: UnsafeRawBufferPointer) -> Bool {
    guard (0...data.count).contains(offset) else { return false }
    let (rest, _) = Segment.wholeRows(data.slice(offset..<data.count))
    if offset == 0 || (offset < data.count && offset + rest == data.count) { return true }
    var start = 0
    while start < offset, let length = RowLayout.rowLength(data.slice(start..<data.count)) {
      start += length
    }
    return start == offset
  }
}
