internal import Analytics
package import Foundation

extension DeadLetters {
  /// What became of letters that were sent again.
  package struct RetryReport: Sendable, Hashable, Encodable {
    package var stored: Int
    /// They were stored meanwhile: a run before this one was cut short.
    package var duplicates: Int
    /// Still refused; they stay.
    package var refused: Int
    /// Their days were dropped, or they are from the future; they stay.
    package var passedOver: Int
    /// A trigger kept them out of the table; they stay.
    package var suppressed: Int
    /// They cannot be read; they stay.
    package var unreadable: Int

    package init(
      stored: Int = 0, duplicates: Int = 0, refused: Int = 0, passedOver: Int = 0,
      suppressed: Int = 0, unreadable: Int = 0
    ) {
      self.stored = stored
      self.duplicates = duplicates
      self.refused = refused
      self.passedOver = passedOver
      self.suppressed = suppressed
      self.unreadable = unreadable
    }
  }

  /// How many are sent at once. Where one is refused, each goes alone.
  private static let batchSize = 500

  /// Sends letters to the events table again, each once, whatever ends this halfway.
  ///
  /// - Parameter ids: Which; `nil` for all.
  /// - Throws: ``EventSinkError`` where the database is away; what was done stays done.
  package func retry(_ ids: [UUID]?, with sink: PostgresEventSink) async throws -> RetryReport {
    var report = RetryReport()
    // One that is refused again becomes the latest, so a page is asked for from there backwards:
    // no letter is met twice.
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
          // Which of them are not stored only their own receipts say.
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
        try await sink.setAside(row, because: error)
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
    let kept = receipt.rejected[.suppressed, default: 0]
    suppressed += kept
    passedOver += receipt.rejected.values.reduce(0, +) - kept
  }
}
