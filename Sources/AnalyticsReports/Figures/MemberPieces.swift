/// Pieces of time without overlaps, each with the ranges that contain it. So each piece is read and
/// made a set once, however many ranges share it.
struct MemberPieces {
  /// The pieces by level, in order of time.
  private(set) var pieces: [RangeCover.Piece] = []
  /// For each piece, the ranges that contain it.
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

  /// Divides the pieces of a cover that only adds into batches that fit in memory. All pieces of a
  /// range are in the same batch. Ranges are taken in the order of their ends, so that ranges with
  /// common pieces are likely to share a batch.
  static func batches(_ cover: RangeCover) -> [MemberPieces] {
    var parts: [Int: [Int]] = [:]
    for (index, shares) in cover.shares.enumerated() {
      for share in shares { parts[share.range, default: []].append(index) }
    }
    func end(_ range: Int) -> Int64 { parts[range]?.map { cover.pieces[$0].upper }.max() ?? 0 }
    let ranges = parts.keys.map { (range: $0, end: end($0)) }
      .sorted { ($0.end, $0.range) < ($1.end, $1.range) }
    var batches: [MemberPieces] = []
    // For each piece of the current batch, its ranges so far.
    var batch: [Int: [Int]] = [:]
    var estimate = SetMemoryEstimate()
    for (range, _) in ranges {
      let parts = parts[range] ?? []
      var sum = estimate.adding(parts.filter { batch[$0] == nil }.map { cover.pieces[$0] })
      if !batch.isEmpty, sum.total > estimateMax {
        batches.append(MemberPieces(batch.map { (cover.pieces[$0.key], $0.value) }))
        batch = [:]
        sum = SetMemoryEstimate().adding(parts.map { cover.pieces[$0] })
      }
      estimate = sum
      for part in parts { batch[part, default: []].append(range) }
    }
    if !batch.isEmpty {
      batches.append(MemberPieces(batch.map { (cover.pieces[$0.key], $0.value) }))
    }
    return batches
  }

  /// The quarters of an hour of 100 days: about 100 MB with 100,000 users a day.
  private static let estimateMax = 100 * 96
}

/// The estimated memory for the sets of pieces. A quarter of an hour or a raw piece counts 1, a day
/// counts 4.
private struct SetMemoryEstimate {
  private var parts = 0
  /// The server merges the days of a piece, but a piece may be cut at the bounds of others. So each
  /// day from the first to the last counts once.
  private var days: Range<Int64>?

  var total: Int {
    parts + (days.map { 4 * Int(($0.upperBound - $0.lowerBound) / RangeCover.day) } ?? 0)
  }

  func adding(_ pieces: [RangeCover.Piece]) -> SetMemoryEstimate {
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
  /// The pieces, which must be in order, with adjacent ones merged: each span is read in one go.
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
