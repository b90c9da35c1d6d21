internal import Analytics
internal import Foundation

/// The outcome of an INSERT or COPY. All other rows of the batch were stored before.
struct InsertedRows {
  var inserted: Int
  /// Rows that are not stored because a trigger of the database's owner returned NULL for them.
  var suppressed = 0
}

/// Attempts whose COMMIT got no answer. They show which rows that are already there were stored by
/// this sink, so that these count as stored and not as duplicates.
///
/// This type only counts; its owner queries the server.
struct UnsettledAttempts {
  private struct Attempt {
    /// PostgreSQL's number of the transaction.
    var transaction: String
    /// The rows that have not been sent again yet.
    var rows: Set<UUID>
    /// The number of the batch's rows that the transaction inserted. It is unknown which rows those
    /// are, and it does not matter.
    var inserted: Int
    /// The number of rows that a trigger suppressed.
    let suppressed: Int
    /// Whether the transaction was committed; `nil` until the server has answered.
    var isCommitted: Bool?
  }

  /// A worker repeats a batch with unknown outcome before any other, so there is hardly ever more
  /// than one attempt.
  private static let countMax = 16

  private var attempts: [Attempt] = []

  /// The transactions of which it is still unknown whether they were committed.
  var unsettled: [String] { attempts.filter { $0.isCommitted == nil }.map(\.transaction) }

  mutating func add(_ batch: EventBatch, _ fate: InsertedRows, transaction: String) {
    var rows: Set<UUID> = []
    rows.reserveCapacity(batch.rowCount)
    batch.forEachRow { rows.insert($0.id) }
    // An attempt that inserted nothing, since an earlier attempt had stored its rows, adds no
    // information. While a standby is unreachable there may be any number of these.
    if fate.inserted == 0, attempts.contains(where: { rows.isSubset(of: $0.rows) }) { return }
    if attempts.count == Self.countMax { attempts.removeFirst() }
    attempts.append(
      Attempt(
        transaction: transaction, rows: rows, inserted: fate.inserted, suppressed: fate.suppressed))
  }

  /// Records whether an attempt was committed. An attempt that was not is kept as well: those of
  /// its rows that are there now count as duplicates.
  mutating func settle(_ transaction: String, isCommitted: Bool) {
    for index in attempts.indices where attempts[index].transaction == transaction {
      attempts[index].isCommitted = isCommitted
    }
  }

  /// - Parameter fate: The outcome of this call for the batch's rows.
  mutating func receipt(for batch: EventBatch, _ fate: InsertedRows) -> EventReceipt {
    let stored = fate.inserted + (batch.mayBeStored ? storedEarlier(in: batch, fate) : 0)
    return EventReceipt(
      stored: stored, duplicates: batch.rowCount - stored - fate.suppressed,
      rejected: fate.suppressed > 0 ? [.suppressed: fate.suppressed] : [:])
  }

  /// Returns how many of the rows that were there already had been stored by attempts of this sink.
  private mutating func storedEarlier(in batch: EventBatch, _ fate: InsertedRows) -> Int {
    let present = batch.rowCount - fate.inserted - fate.suppressed
    var rows: Set<UUID> = []
    batch.forEachRow { rows.insert($0.id) }
    // `unknown`: the rows of no attempt. `committed`: the rows of an attempt that was committed.
    var unknown = rows
    var committed: Set<UUID> = []
    var storedEarlier = 0
    for index in attempts.indices {
      let matching = attempts[index].rows.intersection(rows)
      attempts[index].rows.subtract(matching)
      unknown.subtract(matching)
      guard attempts[index].isCommitted == true else { continue }
      guard fate.inserted <= batch.rowCount - matching.count + attempts[index].suppressed else {
        // Some rows that the attempt had inserted were not there. So a crash made the server forget
        // the number and give it to another client, and the committed transaction is that one.
        attempts[index].isCommitted = false
        continue
      }
      committed.formUnion(matching)
      // If the rows come back in other batches, these share the attempt's count, so that the sum is
      // exact.
      let credit = min(matching.count, attempts[index].inserted, present - storedEarlier)
      attempts[index].inserted -= credit
      storedEarlier += credit
    }
    attempts.removeAll { $0.rows.isEmpty }
    // Rows of attempts that are forgotten. The caller says that they may have been stored, so those
    // that are there count as stored.
    return storedEarlier + min(unknown.count, max(0, present - committed.count))
  }
}
