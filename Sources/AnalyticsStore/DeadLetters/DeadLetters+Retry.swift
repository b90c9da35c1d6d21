internal import Analytics
package import Foundation

extension DeadLetters {
  /// The outcome of retrying dead letters.
  package struct RetryReport: Sendable, Hashable, Encodable {
    /// The number of letters whose events this run stored.
    package var stored: Int
    /// The number of letters whose events had been stored already: an earlier run was cut short
    /// after storing them.
    package var duplicates: Int
    /// The number of letters that the database refused again. They stay dead letters.
    package var refused: Int
    /// The number of letters whose days retention has dropped, or that are more than 24 hours ahead
    /// of the server's clock. They stay dead letters.
    package var outOfRange: Int
    /// The number of letters that a trigger kept out of the table. They stay dead letters.
    package var suppressed: Int
    /// The number of letters that cannot be decoded. They stay dead letters.
    package var unreadable: Int

    package init(
      stored: Int = 0, duplicates: Int = 0, refused: Int = 0, outOfRange: Int = 0,
      suppressed: Int = 0, unreadable: Int = 0
    ) {
      self.stored = stored
      self.duplicates = duplicates
      self.refused = refused
      self.outOfRange = outOfRange
      self.suppressed = suppressed
      self.unreadable = unreadable
    }
  }

  /// The number of letters in one batch. If the database refuses the batch, each letter is sent
  /// alone.
  private static let batchSize = 500

  /// Sends dead letters to the events table again. Each event is stored once, even if this is cut
  /// short and run again.
  ///
  /// - Parameter ids: The letters to retry; `nil` for all.
  /// - Throws: ``EventSinkError`` if the database cannot be reached. Letters that were stored
  ///   before that are no dead letters any more.
  package func retry(_ ids: [UUID]?, with sink: PostgresEventSink) async throws -> RetryReport {
    var report = RetryReport()
    // A letter that is refused again becomes the latest one. Pages go from the latest to the
    // oldest, so this loop meets no letter twice.
    var last: DeadLetter?
    while true {
      let page = try await page(of: ids, after: last, limit: Self.batchSize)
      guard !page.isEmpty else { return report }
      last = page.last
      let letters = page.filter { $0.obstacle == nil }
      report.unreadable += page.count - letters.count
      guard !letters.isEmpty else { continue }
      do {
        let receipt = try await sink.write(DeadLetter.batch(letters))
        report.add(receipt)
        if receipt.rejected.isEmpty {
          try await forget(letters)
        } else {
          // The receipt does not say which of the events were rejected. Sending one alone does.
          for letter in letters where try await isStored(letter, by: sink) {
            try await forget([letter])
          }
        }
      } catch let error as EventSinkError where error.kind == .refused {
        try await retryEach(letters, with: sink, &report)
      }
    }
  }

  private func isStored(_ letter: DeadLetter, by sink: PostgresEventSink) async throws -> Bool {
    try await sink.write(DeadLetter.batch([letter])).rejected.isEmpty
  }

  private func retryEach(
    _ letters: [DeadLetter], with sink: PostgresEventSink, _ report: inout RetryReport
  ) async throws {
    for letter in letters {
      let row = try DeadLetter.batch([letter])
      do throws(EventSinkError) {
        let receipt = try await sink.write(row)
        report.add(receipt)
        guard receipt.rejected.isEmpty else { continue }
      } catch {
        guard error.kind == .refused else { throw error }
        report.refused += 1
        try await sink.deadLetter(row, because: error)
        continue
      }
      try await forget([letter])
    }
  }
}

extension DeadLetters.RetryReport {
  fileprivate mutating func add(_ receipt: EventReceipt) {
    stored += receipt.stored
    duplicates += receipt.duplicates
    let byTrigger = receipt.rejected[.suppressed, default: 0]
    suppressed += byTrigger
    outOfRange += receipt.rejected.values.reduce(0, +) - byTrigger
  }
}
