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
    var isCommitted = false

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
  var unsettled: [String] { attempts.filter { !$0.isCommitted }.map(\.transaction) }

  mutating func add(_ batch: EventBatch, inserted: Int, transaction: String) {
    var rows: Set<UUID> = []
    rows.reserveCapacity(batch.rowCount)
    batch.forEachRow { rows.insert($0.id) }
    if attempts.count == Self.countMax { attempts.removeFirst() }
    attempts.append(Attempt(transaction: transaction, rows: rows, inserted: inserted))
  }

  /// One that was not committed is as if it had never been.
  mutating func settle(_ transaction: String, isCommitted: Bool) {
    guard let index = attempts.firstIndex(where: { $0.transaction == transaction }) else { return }
    if isCommitted { attempts[index].isCommitted = true } else { attempts.remove(at: index) }
  }

  /// - Parameter inserted: How many rows this call has added.
  mutating func receipt(for batch: EventBatch, inserted: Int) -> EventReceipt {
    var ours = 0
    if batch.mayBeStored {
      let present = batch.rowCount - inserted
      for index in attempts.indices.reversed() where attempts[index].isCommitted {
        let came = attempts[index].take(batch)
        guard inserted <= batch.rowCount - came else {
          // Some of its rows were not there: the number was forgotten in a crash and given out
          // again, and somebody else's transaction was committed.
          attempts.remove(at: index)
          continue
        }
        // Cut elsewhere, the pieces draw on the same account, so that their sum is exact.
        let credit = min(came, attempts[index].inserted, present - ours)
        attempts[index].inserted -= credit
        ours += credit
        if attempts[index].rows.isEmpty { attempts.remove(at: index) }
      }
    }
    let stored = inserted + ours
    return EventReceipt(stored: stored, duplicates: batch.rowCount - stored)
  }
}
