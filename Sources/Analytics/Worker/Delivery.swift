import Logging

/// Stores one batch, or as much of its beginning as possible, and settles those rows.
///
/// A refused batch is halved until the rows at fault are alone; those become dead letters. Before
/// that, a sample of its rows is tried one by one. If most of them are refused, the fault is not in
/// the rows, and the batch waits.
struct Delivery {
  private let core: ClientCore
  private let logger: Logger
  /// The rest of the batch in reverse order: the front is the last element.
  private var rest: [Part]
  private var isSampled = false

  private struct Part {
    let rows: EventBatch
    var outcome: Outcome?
  }

  private enum Outcome {
    case stored(EventReceipt)
    case refused(EventSinkError)
  }

  /// The smallest batch that is sampled: all rows of a smaller one may be at fault.
  static let sampledRowsMin = 32
  static let sampleSize = 15

  init(_ batch: EventBatch, core: ClientCore, logger: Logger) {
    self.core = core
    self.logger = logger
    rest = [Part(rows: batch)]
  }

  /// Stores and settles rows from the front. If this is interrupted, the next batch begins where
  /// this one stopped.
  ///
  /// - Throws: The error that keeps the front of the rest from being stored.
  mutating func run() async throws(EventSinkError) {
    while let part = rest.last {
      switch part.outcome {
      case nil:
        rest[rest.count - 1].outcome = try await attempt(part.rows)
      case .stored(let receipt):
        rest.removeLast()
        core.buffer.settle(part.rows, receipt)
      case .refused(let refusal) where part.rows.rowCount == 1:
        try await deadLetter(part.rows, refusal)
        rest.removeLast()
      case .refused(let refusal) where part.rows.rowCount >= Self.sampledRowsMin && !isSampled:
        try await trySample(part.rows, refusal)
      case .refused:
        rest.removeLast()
        divide(part.rows, at: [part.rows.rowCount / 2])
      }
    }
  }

  /// Returns the rows that may or may not be stored after an error; `nil` if there are none.
  func rowsOfUnknownOutcome(after error: EventSinkError) -> EventBatch? {
    guard let front = rest.last?.rows else { return nil }
    let isPartlyStored = rest.contains { part in
      if case .stored = part.outcome { true } else { part.rows.mayBeStored }
    }
    guard isPartlyStored || error.outcomeUnknown else { return nil }
    var rows = isPartlyStored ? EventBatch(joining: rest.reversed().map(\.rows)) : front
    rows.mayBeStored = true
    return rows
  }

  /// Writes rows to the sink, without those dated before `acceptsFrom`, which are rejected for any
  /// sink.
  private func attempt(_ rows: EventBatch) async throws(EventSinkError) -> Outcome {
    let earliest = core.configuration.acceptsFrom
    var hasPast = false
    rows.forEachRow { if $0.timestamp < earliest { hasPast = true } }
    let accepted = hasPast ? rows.filter { $0.timestamp >= earliest } : rows
    // Computed and not counted, so that the receipt always adds up.
    let past = rows.rowCount - (accepted?.rowCount ?? 0)
    guard let accepted else {
      return .stored(EventReceipt(stored: 0, rejected: [.past: past]))
    }
    let start = ContinuousClock.now
    do {
      var receipt = try await core.sink.write(accepted).fitted(to: accepted.rowCount)
      core.metrics.wrote(rows: accepted.rowCount, in: ContinuousClock.now - start)
      if past > 0 { receipt.rejected[.past, default: 0] += past }
      return .stored(receipt)
    } catch {
      guard error.kind == .refused else { throw error }
      return .refused(error)
    }
  }

  /// Tries a random sample of the refused front's rows one by one.
  ///
  /// The sample is drawn again for each attempt, so a wrong result is soon corrected.
  ///
  /// - Throws: ``EventSinkError`` of kind `retry` if most of the sample is refused.
  private mutating func trySample(
    _ batch: EventBatch, _ refusal: EventSinkError
  ) async throws(EventSinkError) {
    isSampled = true
    let drawn = (0..<batch.rowCount).shuffled().prefix(Self.sampleSize).sorted()
    rest.removeLast()
    divide(batch, at: drawn.flatMap { [$0, $0 + 1] })
    // `rest` holds only parts of this batch: a batch of this size is never divided before it is
    // sampled.
    let singles = rest.indices.filter { rest[$0].rows.rowCount == 1 }
    var refusals = 0
    for index in singles {
      let outcome = try await attempt(rest[index].rows)
      rest[index].outcome = outcome
      if case .refused = outcome { refusals += 1 }
    }
    guard refusals * 2 <= singles.count else {
      throw EventSinkError(
        .retry,
        "the database refuses most events of this batch; check the table: "
          + refusal.description)
    }
  }

  /// Replaces the front by its parts, divided before the given row numbers, which ascend.
  private mutating func divide(_ batch: EventBatch, at rows: [Int]) {
    var parts: [Part] = []
    var left: EventBatch? = batch
    var start = 0
    for row in rows where row > start {
      guard let (head, tail) = left?.split(at: row - start) else { break }
      if let head { parts.append(Part(rows: head)) }
      left = tail
      start = row
    }
    if let left { parts.append(Part(rows: left)) }
    rest.append(contentsOf: parts.reversed())
  }

  private func deadLetter(
    _ row: EventBatch, _ refusal: EventSinkError
  ) async throws(EventSinkError) {
    try await core.sink.deadLetter(row, because: refusal)
    core.buffer.settle(row, EventReceipt(stored: 0, rejected: [.refused: 1]))
    logger.warning(
      "an event was refused and is now a dead letter",
      metadata: ["analytics.reason": "\(refusal.description)"])
  }
}
