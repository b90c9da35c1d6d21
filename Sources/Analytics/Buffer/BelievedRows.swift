/// What the counters of a left segment say, if it can be true.
struct LeftCounters {
  var committed: Int?
  var drained: Int

  init(_ page: UnsafeMutableRawPointer, capacity: Int) {
    let counted = SegmentHeader.committed(page).load()
    committed = (0...max(0, capacity)).contains(counted) ? counted : nil
    drained = SegmentHeader.drained(page).load()
  }
}

/// Where unsettled rows begin and end in a left segment's data, and how many there are.
struct BelievedRows {
  /// From the first unsettled row that can be believed to the end of the last before a gap.
  private(set) var range: Range<Int>
  /// How many rows can be believed, also behind gaps.
  private(set) var count: Int
  /// Rows that were there and cannot be believed: at least so many.
  private(set) var lost: Int
  /// Each row, where there are gaps between them; else empty.
  private(set) var ranges: [Range<Int>] = []

  /// Whether pages between rows that can be believed never reached the device.
  var hasGaps: Bool { !ranges.isEmpty }

  /// Believes whole rows from the first to the last.
  ///
  /// - Parameter limit: How many bytes can be believed, at most all of `data`.
  init(_ data: UnsafeRawBufferPointer, below limit: Int, _ counters: LeftCounters) {
    let believed = min(limit, data.count)
    // What is settled may go further than what can be believed after a power loss.
    let reach = max(believed, min(counters.committed ?? 0, data.count))
    let noted = counters.drained
    let settled = Self.isRowStart(noted, in: data.slice(0..<reach)) ? noted : 0
    let start = min(settled, believed)
    let (length, rows) = Segment.wholeRows(data.slice(start..<believed))
    (range, count) = (start..<start + length, rows)
    lost =
      counters.committed == nil
      // There may have been more, and nobody knows how much.
      ? believed < data.count ? 1 : 0
      : Self.rowsUnread(in: data, from: max(start + length, settled), counters)
  }

  /// Believes the rows that were found, wherever they are.
  init(_ data: UnsafeRawBufferPointer, _ found: RowTable.Found, _ counters: LeftCounters) {
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
      return
    }
    var end = firstRow.lowerBound
    for row in rows where row.lowerBound == end { end = row.upperBound }
    range = firstRow.lowerBound..<end
    count = rows.count
    if end != lastRow.upperBound { ranges = Array(rows) }
    // A counter that fits no row that is left may still be right about what is settled.
    let open = max(settled, (0...reach).contains(noted) ? noted : 0)
    lost =
      Self.rowsMissing(from: rows, found.numbers[first...], in: data, above: open)
      + Self.rowsUnread(in: data, from: max(open, lastRow.upperBound), counters)
  }

  /// How many rows there were between those that are left.
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

  /// How many rows were counted behind what could be read.
  private static func rowsUnread(
    in data: UnsafeRawBufferPointer, from start: Int, _ counters: LeftCounters
  ) -> Int {
    let unread = start..<max(start, counters.committed ?? 0)
    let seen = unread.clamped(to: 0..<data.count)
    return rows(in: data.slice(seen)) + (seen.count < unread.count ? 1 : 0)
  }

  /// How many rows there seem to be, a part of one included.
  private static func rows(in data: UnsafeRawBufferPointer) -> Int {
    let (length, rows) = Segment.wholeRows(data)
    return rows + (length < data.count ? 1 : 0)
  }

  /// Rows that come again are known by their keys; rows that are skipped are lost. So a counter that
  /// does not fit the rows is not believed.
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
