/// Pieces of time no two of which overlap, each with the ranges that it is a part of: so that what is
/// read of a piece is read and made a set once, however many ranges have a share in it.
struct MemberPieces {
  /// By level, in order of time.
  private(set) var pieces: [RangeCover.Piece] = []
  /// Of each piece.
  private(set) var ranges: [[Int]] = []

  /// Cuts pieces at one another's bounds.
  private init(_ shared: [(piece: RangeCover.Piece, ranges: [Int])]) {
    for level in RangeCover.Level.allCases {
      let parts = shared.filter { $0.piece.level == level }
      let bounds = Set(parts.flatMap { [$0.piece.lower, $0.piece.upper] }).sorted()
      let places = Dictionary(uniqueKeysWithValues: zip(bounds, bounds.indices))
      var between = bounds.map { _ in [Int]() }
      for part in parts {
        guard let first = places[part.piece.lower], let end = places[part.piece.upper] else {
          continue
        }
        for place in first..<end { between[place] += part.ranges }
      }
      for place in bounds.indices where !between[place].isEmpty {
        pieces.append(.init(level: level, lower: bounds[place], upper: bounds[place + 1]))
        ranges.append(between[place])
      }
    }
  }

  /// The pieces of a cover that only adds, so many at a time as may be held at one time. All pieces of a
  /// range come together.
  static func batches(_ cover: RangeCover) -> [MemberPieces] {
    var parts: [Int: [Int]] = [:]
    for (index, shares) in cover.shares.enumerated() {
      for share in shares { parts[share.range, default: []].append(index) }
    }
    var batches: [MemberPieces] = []
    // The ranges so far of each piece of the batch.
    var batch: [Int: [Int]] = [:]
    var weight = 0
    func end() {
      guard !batch.isEmpty else { return }
      batches.append(MemberPieces(batch.map { (cover.pieces[$0.key], $0.value) }))
      (batch, weight) = ([:], 0)
    }
    for (range, parts) in parts.sorted(by: { $0.key < $1.key }) {
      func more() -> Int {
        parts.filter { batch[$0] == nil }.reduce(0) { $0 + cover.pieces[$1].weight }
      }
      if weight + more() > weightMax { end() }
      weight += more()
      for part in parts { batch[part, default: []].append(range) }
    }
    end()
    return batches
  }

  /// A hundred days of quarters of an hour: of 100,000 users a day some 100 MB.
  private static let weightMax = 100 * 96
}

extension RangeCover.Piece {
  /// How many sets are read of it, in quarters of an hour; the days of a piece are put together by the
  /// server, but may be cut at the bounds of others.
  fileprivate var weight: Int {
    switch level {
    case .daily: 4 * Int((upper - lower) / RangeCover.day)
    case .quarterly: Int((upper - lower) / RangeCover.quarter)
    case .raw: 1
    }
  }
}

extension [RangeCover.Piece] {
  /// Pieces in order, those that meet put together: what is read in one go.
  var spans: [Range<Int64>] {
    reduce(into: []) { spans, piece in
      if let last = spans.last, last.upperBound == piece.lower {
        spans[spans.count - 1] = last.lowerBound..<piece.upper
      } else {
        spans.append(piece.lower..<piece.upper)
      }
    }
  }
}
