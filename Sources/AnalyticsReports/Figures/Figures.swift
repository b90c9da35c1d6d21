internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText

/// The values of the requested dimensions, in order. Groups are equal if their bytes are.
typealias Group = [ExactString]

/// The additive measures of a rollup for each group and each of some ranges of time.
struct Figures {
  private var cells: [Group: [Int: Cell]] = [:]
  private let layout: Layout
  private let hasDimensions: Bool

  init(layout: Layout, hasDimensions: Bool) {
    self.layout = layout
    self.hasDimensions = hasDimensions
  }

  /// The groups in which something happened in any of the ranges, in byte order. Without
  /// dimensions, the only group, which is empty.
  var groups: [Group] {
    guard hasDimensions else { return [[]] }
    return cells.filter { $0.value.values.contains { !$0.isEmpty } }.keys.inOrder
  }

  /// Returns the figures of a group in a range. The cell is empty if nothing happened.
  subscript(group: Group, range: Int) -> Cell {
    cells[group]?[range] ?? Cell(layout: layout)
  }

  mutating func add(_ row: Row, to shares: [RangeCover.Share]) {
    for share in shares {
      cells[row.group, default: [:]][share.range, default: Cell(layout: layout)]
        .add(row, share.sign)
    }
  }

  /// A row as read: the figures of one group in one piece of a cover.
  struct Row: Sendable {
    var group: Group
    fileprivate var totals: [Double] = []
    fileprivate var maxima: [Double?] = []
    fileprivate var samples: [ExactString?] = []
    fileprivate var histograms: [[UInt8]] = []
    fileprivate let encoding: Histogram.Encoding

    init(
      _ row: PostgresRow, _ layout: Layout, _ encoding: Histogram.Encoding
    ) throws(PostgresError) {
      self.encoding = encoding
      group = []
      for position in 1..<layout.offset {
        group.append(try row.dimension(at: position))
      }
      var position = layout.offset
      for _ in layout.totals {
        totals.append(try row.decode(Double?.self, at: position) ?? 0)
        position += 1
      }
      for _ in layout.maxima {
        maxima.append(try row.decode(Double?.self, at: position))
        position += 1
      }
      for _ in layout.samples {
        samples.append(try row.decode(String?.self, at: position).map { ExactString($0) })
        position += 1
      }
      for _ in layout.histograms {
        histograms.append(row.withBytes(at: position) { $0.map(Array.init) ?? [] })
        position += 1
      }
    }

    /// The approximate size in memory.
    var bytes: Int {
      120 + 60 * group.count + 8 * totals.count + 16 * maxima.count + 60 * samples.count
        + histograms.reduce(0) { $0 + $1.count + 40 }
    }
  }

  /// The positions of the measures in a row, which are grouped by kind.
  struct Layout {
    /// The number of columns before the measures.
    var offset: Int
    /// Measures that count or sum.
    var totals: [String] = []
    var maxima: [String] = []
    var samples: [String] = []
    /// The samples that are read as entries of ``FirstValue``.
    var firsts: Set<String> = []
    var histograms: [String] = []

    /// Whether rows cannot be subtracted: there is no inverse of a maximum or a sample.
    var cannotSubtract: Bool { !maxima.isEmpty || !samples.isEmpty }
    var isEmpty: Bool {
      totals.isEmpty && maxima.isEmpty && samples.isEmpty && histograms.isEmpty
    }
  }

  /// The figures of one group in one range.
  struct Cell {
    private let layout: Layout
    private var totals: [Double]
    private var maxima: [Double?]
    private var samples: [ExactString?]
    /// The rows whose histograms belong to the cell. They are added up on request, because each is
    /// large and most are used once.
    private var rows: [(histograms: [[UInt8]], encoding: Histogram.Encoding, sign: Int)] = []

    init(layout: Layout) {
      self.layout = layout
      totals = layout.totals.map { _ in 0 }
      maxima = layout.maxima.map { _ in nil }
      samples = layout.samples.map { _ in nil }
    }

    fileprivate mutating func add(_ row: Row, _ sign: Int) {
      for (index, total) in row.totals.enumerated() { totals[index] += Double(sign) * total }
      for (index, maximum) in row.maxima.enumerated() {
        maxima[index] = [maxima[index], maximum].compactMap(\.self).max()
      }
      for (index, sample) in row.samples.enumerated() {
        samples[index] = [samples[index], sample].compactMap(\.self).min()
      }
      if !layout.histograms.isEmpty { rows.append((row.histograms, row.encoding, sign)) }
    }

    /// Whether nothing happened. Counts and sums may all cover only part of the events, so the
    /// other measures are checked, too.
    var isEmpty: Bool {
      totals.allSatisfy { $0 <= 0 } && maxima.allSatisfy { $0 == nil }
        && samples.allSatisfy { $0 == nil }
        && layout.histograms.allSatisfy { (try? histogram($0).count) == 0 }
    }

    /// Returns a count, or a sum of whole numbers. A sum that is not a whole number gives
    /// `Int.max`.
    func count(_ measure: String) -> Int { Int(exactly: sum(measure)) ?? .max }

    /// Returns a count or a sum.
    func sum(_ measure: String) -> Double {
      // The total is below 0 only if events are stored that the rollup does not have yet.
      layout.totals.firstIndex(of: measure).map { max(0, totals[$0]) } ?? 0
    }

    func maximum(_ measure: String) -> Double? {
      layout.maxima.firstIndex(of: measure).flatMap { maxima[$0] }
    }

    func hasHistogram(_ measure: String) -> Bool { layout.histograms.contains(measure) }

    func sample(_ measure: String) -> String? {
      guard let text = layout.samples.firstIndex(of: measure).flatMap({ samples[$0]?.text }) else {
        return nil
      }
      return layout.firsts.contains(measure) ? FirstValue.text(of: text) : text
    }

    func histogram(_ measure: String) throws(ReportError) -> Histogram {
      var sum = Histogram()
      guard let index = layout.histograms.firstIndex(of: measure) else { return sum }
      for (histograms, encoding, sign) in rows {
        guard histograms[index].withUnsafeBytes({ sum.add($0, encoding, sign: sign) }) else {
          throw ReportError(.failed, "the histograms of \(measure) cannot be read")
        }
      }
      return sum
    }
  }
}

extension Sequence<Group> {
  /// The groups in byte order.
  var inOrder: [Group] { sorted { $0.lexicographicallyPrecedes($1) } }
}

extension PostgresRow {
  /// Returns the value of a dimension; empty where an older definition does not have it.
  func dimension(at position: Int) throws(PostgresError) -> ExactString {
    ExactString(try decode(String?.self, at: position) ?? "")
  }
}
