internal import AnalyticsPostgres

/// Additive measures of a rollup: for each of some ranges of time and each group, which is the values
/// of the dimensions that were asked for.
struct Figures {
  private var cells: [[String]: [Int: Cell]] = [:]
  private let layout: Layout
  private let hasDimensions: Bool

  init(layout: Layout, hasDimensions: Bool) {
    self.layout = layout
    self.hasDimensions = hasDimensions
  }

  /// The groups of which something happened in any of the ranges, in alphabetical order; without
  /// dimensions the only one.
  var groups: [[String]] {
    guard hasDimensions else { return [[]] }
    return cells.filter { $0.value.values.contains { !$0.isEmpty } }.keys
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Empty if nothing happened.
  subscript(group: [String], range: Int) -> Cell {
    cells[group]?[range] ?? Cell(layout: layout)
  }

  mutating func add(
    _ row: PostgresRow, of group: [String], to shares: [RangeCover.Share]
  ) throws(PostgresError) {
    var totals: [Double] = []
    for position in layout.totals.indices {
      totals.append(try row.decode(Double?.self, at: layout.offset + position) ?? 0)
    }
    var samples: [String?] = []
    for position in layout.samples.indices {
      samples.append(
        try row.decode(String?.self, at: layout.offset + totals.count + position))
    }
    for share in shares {
      cells[group, default: [:]][share.range, default: Cell(layout: layout)]
        .add(row, totals, samples, share.sign)
    }
  }

  /// Where the measures are in a row, one kind behind the other.
  struct Layout {
    /// How many columns come before them.
    var offset: Int
    /// Counts and sums.
    var totals: [String] = []
    var samples: [String] = []
    var histograms: [String] = []
  }

  /// The figures of one group in one range.
  struct Cell {
    private let layout: Layout
    private var totals: [Double]
    private var samples: [String?]
    /// Their histograms are added up when asked for: each is large, and most are used once.
    private var rows: [(row: PostgresRow, sign: Int)] = []

    init(layout: Layout) {
      self.layout = layout
      totals = layout.totals.map { _ in 0 }
      samples = layout.samples.map { _ in nil }
    }

    fileprivate mutating func add(
      _ row: PostgresRow, _ totals: [Double], _ samples: [String?], _ sign: Int
    ) {
      for (index, total) in totals.enumerated() { self.totals[index] += Double(sign) * total }
      for (index, sample) in samples.enumerated() {
        self.samples[index] = [self.samples[index], sample].compactMap(\.self).min()
      }
      if !layout.histograms.isEmpty { rows.append((row, sign)) }
    }

    /// Whether nothing happened.
    var isEmpty: Bool { totals.allSatisfy { $0 <= 0 } }

    /// A count, or a sum as a whole number.
    func count(_ measure: String) -> Int { Int(exactly: sum(measure)) ?? .max }

    /// A count or a sum.
    func sum(_ measure: String) -> Double {
      // Below 0 only where events are stored that the rollup does not have yet.
      layout.totals.firstIndex(of: measure).map { max(0, totals[$0]) } ?? 0
    }

    func sample(_ measure: String) -> String? {
      layout.samples.firstIndex(of: measure).flatMap { samples[$0] }
    }

    func histogram(_ measure: String) throws(ReportError) -> Histogram {
      var sum = Histogram()
      guard let index = layout.histograms.firstIndex(of: measure) else { return sum }
      let position = layout.offset + totals.count + samples.count + index
      for (row, sign) in rows {
        let isRead = row.withBytes(at: position) { bytes in
          bytes.map { sum.add($0, sign: sign) } ?? true
        }
        guard isRead else {
          throw ReportError(.failed, "the histograms of \(measure) cannot be read")
        }
      }
      return sum
    }
  }
}
