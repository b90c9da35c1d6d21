internal import Analytics
internal import Foundation

/// Attempts whose COMMIT got no answer, so that rows which turn out to be there can be told from
/// duplicates: what our own attempt committed counts as stored.
///
/// Pure bookkeeping; whoever owns it asks the server.
struct UnsettledAttempts {
  private struct Attempt {
    /// PostgreSQL's number of the transaction.
    var transaction: String
    /// The rows that have not come again yet.
    var rows: Set<UUID>
    /// How many of them it inserted; which ones nobody knows, nor needs to.
    var inserted: Int
    /// What became of it; `nil` until the server has said.
    var isCommitted: Bool?

    /// - Returns: How many of its rows came again.
    mutating func take(_ batch: EventBatch) -> Int {
      var count = 0
      batch.forEachRow { if rows.remove($0.id) != nil { count += 1 } }
      return count
    }
  }

  /// A worker repeats its unclear batch before all others, so there is hardly ever more than one.
  private static let countMax = 16

  private var attempts: [Attempt] = []

  /// The transactions of which nobody has said yet whether they were committed.
  var unsettled: [String] { attempts.filter { $0.isCommitted == nil }.map(\.transaction) }

  mutating func add(_ batch: EventBatch, inserted: Int, transaction: String) {
    var rows: Set<UUID> = []
    rows.reserveCapacity(batch.rowCount)
    batch.forEachRow { rows.insert($0.id) }
    if attempts.count == Self.countMax { attempts.removeFirst() }
    attempts.append(Attempt(transaction: transaction, rows: rows, inserted: inserted))
  }

  /// One that was not committed is remembered too: of its rows, those that are there are duplicates.
  mutating func settle(_ transaction: String, isCommitted: Bool) {
    for index in attempts.indices where attempts[index].transaction == transaction {
      attempts[index].isCommitted = isCommitted
    }
  }

  /// - Parameter inserted: How many rows this call has added.
  mutating func receipt(for batch: EventBatch, inserted: Int) -> EventReceipt {
    let stored = inserted + (batch.mayBeStored ? ours(in: batch, inserted: inserted) : 0)
    return EventReceipt(stored: stored, duplicates: batch.rowCount - stored)
  }

  /// How many of the rows that were there already our own attempts had stored.
  private mutating func ours(in batch: EventBatch, inserted: Int) -> Int {
    var present = batch.rowCount - inserted
    var unknown = batch.rowCount
    var ours = 0
    for index in attempts.indices {
      let came = attempts[index].take(batch)
      unknown -= came
      guard attempts[index].isCommitted == true else { continue }
      guard inserted <= batch.rowCount - came else {
        // Some of its rows were not there: a crash forgot its number and gave it out again, and it
        // was somebody else's transaction that was committed.
        attempts[index].isCommitted = false
        continue
      }
      // Cut elsewhere, the pieces draw on the same account, so that their sum is exact.
      let credit = min(came, attempts[index].inserted, present)
      attempts[index].inserted -= credit
      ours += credit
      present -= min(came, present)
    }
    attempts.removeAll { $0.rows.isEmpty }
    // Attempts that are forgotten: the caller says that they may have succeeded, so they did.
    return ours + min(unknown, present)
  }
}
