internal import Analytics
internal import Foundation

/// What an INSERT or COPY did with a batch's rows. The others were there before.
struct InsertedRows {
  var inserted: Int
  /// Those that are not there, since a trigger of somebody's own returned NULL for them.
  var suppressed = 0
}

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
    /// How many of them it left out.
    let suppressed: Int
    /// What became of it; `nil` until the server has said.
    var isCommitted: Bool?
  }

  /// A worker repeats its unclear batch before all others, so there is hardly ever more than one.
  private static let countMax = 16

  private var attempts: [Attempt] = []

  /// The transactions of which nobody has said yet whether they were committed.
  var unsettled: [String] { attempts.filter { $0.isCommitted == nil }.map(\.transaction) }

  mutating func add(_ batch: EventBatch, _ fate: InsertedRows, transaction: String) {
    var rows: Set<UUID> = []
    rows.reserveCapacity(batch.rowCount)
    batch.forEachRow { rows.insert($0.id) }
    // One that found its rows there, as the one before had left them, adds nothing to know; there may
    // be any number while a standby is away.
    if fate.inserted == 0, attempts.contains(where: { rows.isSubset(of: $0.rows) }) { return }
    if attempts.count == Self.countMax { attempts.removeFirst() }
    attempts.append(
      Attempt(
        transaction: transaction, rows: rows, inserted: fate.inserted, suppressed: fate.suppressed))
  }

  /// One that was not committed is remembered too: of its rows, those that are there are duplicates.
  mutating func settle(_ transaction: String, isCommitted: Bool) {
    for index in attempts.indices where attempts[index].transaction == transaction {
      attempts[index].isCommitted = isCommitted
    }
  }

  /// - Parameter fate: What became of the batch's rows in this call.
  mutating func receipt(for batch: EventBatch, _ fate: InsertedRows) -> EventReceipt {
    let stored = fate.inserted + (batch.mayBeStored ? ours(in: batch, fate) : 0)
    return EventReceipt(
      stored: stored, duplicates: batch.rowCount - stored - fate.suppressed,
      rejected: fate.suppressed > 0 ? [.suppressed: fate.suppressed] : [:])
  }

  /// How many of the rows that were there already our own attempts had stored.
  private mutating func ours(in batch: EventBatch, _ fate: InsertedRows) -> Int {
    let present = batch.rowCount - fate.inserted - fate.suppressed
    var rows: Set<UUID> = []
    batch.forEachRow { rows.insert($0.id) }
    // Those of no attempt, and those of one that was committed.
    var unknown = rows
    var committed: Set<UUID> = []
    var ours = 0
    for index in attempts.indices {
      let came = attempts[index].rows.intersection(rows)
      attempts[index].rows.subtract(came)
      unknown.subtract(came)
      guard attempts[index].isCommitted == true else { continue }
      guard fate.inserted <= batch.rowCount - came.count + attempts[index].suppressed else {
        // Some that it had inserted were not there: a crash forgot its number and gave it out again,
        // and it was somebody else's transaction that was committed.
        attempts[index].isCommitted = false
        continue
      }
      committed.formUnion(came)
      // Cut elsewhere, the pieces draw on the same account, so that their sum is exact.
      let credit = min(came.count, attempts[index].inserted, present - ours)
      attempts[index].inserted -= credit
      ours += credit
    }
    attempts.removeAll { $0.rows.isEmpty }
    // Attempts that are forgotten: the caller says that they may have succeeded, so they did.
    return ours + min(unknown.count, max(0, present - committed.count))
  }
}
