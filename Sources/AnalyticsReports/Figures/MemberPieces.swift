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
      let stretches = parts.map(\.piece).stretches
      for (stretch, next) in zip(stretches, stretches.dropFirst()) where !stretch.pieces.isEmpty {
        pieces.append(.init(level: level, lower: stretch.lower, upper: next.lower))
        ranges.append(stretch.pieces.flatMap { parts[$0].ranges })
      }
    }
  }

  /// The pieces of a cover that only adds, so many at a time as may be held at one time. All pieces of a
  /// range come together; ranges come by their ends, so that those that share pieces come together, too.
  static func batches(_ cover: RangeCover) -> [MemberPieces] {
    var parts: [Int: [Int]] = [:]
    for (index, shares) in cover.shares.enumerated() {
      for share in shares { parts[share.range, default: []].append(index) }
    }
    func end(_ range: Int) -> Int64 { parts[range]?.map { cover.pieces[$0].upper }.max() ?? 0 }
    let ranges = parts.keys.map { (range: $0, end: end($0)) }
      .sorted { ($0.end, $0.range) < ($1.end, $1.range) }
    var batches: [MemberPieces] = []
    // The ranges so far of each piece of the batch.
    var batch: [Int: [Int]] = [:]
    var weight = MemberWeight()
    for (range, _) in ranges {
      let parts = parts[range] ?? []
      var sum = weight.adding(parts.filter { batch[$0] == nil }.map { cover.pieces[$0] })
      if !batch.isEmpty, sum.total > weightMax {
        batches.append(MemberPieces(batch.map { (cover.pieces[$0.key], $0.value) }))
        batch = [:]
        sum = MemberWeight().adding(parts.map { cover.pieces[$0] })
      }
      weight = sum
      for part in parts { batch[part, default: []].append(range) }
    }
    if !batch.isEmpty {
      batches.append(MemberPieces(batch.map { (cover.pieces[$0.key], $0.value) }))
    }
    return batches
  }

  /// A hundred days of quarters of an hour: of 100,000 users a day some 100 MB.
  private static let weightMax = 100 * 96
}

/// How many sets are read of pieces, in quarters of an hour.
private struct MemberWeight {
  private var parts = 0
  /// The days of a piece are put together by the server, but may be cut at the bounds of others. So each day from the
  /// first to the last counts once.
  private var days: Range<Int64>?

  var total: Int {
    parts + (days.map { 4 * Int(($0.upperBound - $0.lowerBound) / RangeCover.day) } ?? 0)
  }

  func adding(_ pieces: [RangeCover.Piece]) -> MemberWeight {
    var sum = self
    for piece in pieces {
      switch piece.level {
      case .daily:
        let lower = min(piece.lower, sum.days?.lowerBound ?? piece.lower)
        sum.days = lower..<max(piece.upper, sum.days?.upperBound ?? piece.upper)
      case .quarterly: sum.parts += Int((piece.upper - piece.lower) / RangeCover.quarter)
      case .raw: sum.parts += 1
      }
    }
    return sum
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
