/// The buffer as the worker uses it: rows become batches for the sink, and receipts become counts.
/// The buffer itself knows no sink.
extension EventBuffer {
  /// Returns a batch of ``nextRows(rowsMax:bytesMax:)``; `nil` if there are none.
  func nextBatch(rowsMax: Int, bytesMax: Int) throws(SystemError) -> EventBatch? {
    guard let next = try nextRows(rowsMax: rowsMax, bytesMax: bytesMax) else { return nil }
    var batch = EventBatch(next.rows)
    batch.trackedAfter = next.trackedAfter
    return batch
  }

  /// Ends the leases of a batch, except on segments of a part that is held back.
  func release(_ batch: EventBatch, except held: EventBatch? = nil) {
    release(batch.rows, except: held?.rows)
  }

  /// Records the outcome of a batch or of a part of one.
  func settle(_ batch: EventBatch, _ receipt: EventReceipt) {
    settle(
      batch.rows, stored: receipt.stored, duplicates: receipt.duplicates,
      rejected: receipt.rejected)
  }
}
