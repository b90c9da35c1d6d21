#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Where batches of rows go: a database, a file, a test's memory.
///
/// A sink over another PostgreSQL client is one file: send `COPY table (columns) FROM STDIN
/// (FORMAT binary)`, the format's header, the batch's chunks, the trailer. The test kit has the
/// suite that every sink must pass.
public protocol EventSink: Sendable {
  /// Names where rows end up by all settings that decide it, without a password; 1…200 bytes.
  ///
  /// It is written into every segment. A segment that names no ``installation()`` yet is only ever
  /// delivered to a sink with the same destination. Two ways to write the same settings should give
  /// the same text.
  var destination: String { get }

  /// Asks which installation of the tables the settings lead to, whoever asks and however it is reached.
  ///
  /// It is asked for until it has answered once. From then on segments bear the id, and are delivered
  /// to whatever sink leads to the same installation, also with another user, host or password.
  ///
  /// - Returns: An id that only this installation has; `nil` if there is no such thing, and then
  ///   ``destination`` alone decides.
  /// - Throws: ``EventSinkError`` if it cannot be asked for now.
  func installation() async throws(EventSinkError) -> UUID?

  /// What the database's clock showed when the sink looked last, during ``write(_:)`` or
  /// ``installation()``, before these have returned.
  ///
  /// It tells which events were certainly tracked after that, whatever the host's own clock says: see
  /// ``EventBatch/trackedAfter``. `nil` if it is not known.
  var clock: EventTimestamp? { get }

  /// How many calls of ``write(_:)`` may run at one time; 1 unless said otherwise.
  ///
  /// With 2 or more the worker makes a second call while a backlog waits, never a third. No row is
  /// in two batches at once.
  var concurrentWritesMax: Int { get }

  /// Stores the whole batch, or nothing; rows that the receipt counts as rejected are passed over.
  ///
  /// Rows are identified by `(timestamp, id)`: one that is there already is left as it is and
  /// counted as duplicate. A batch may come again, whole or cut elsewhere, after an error; where
  /// ``EventBatch/mayBeStored`` is set, rows that are there already count as stored.
  ///
  /// It must return soon after its task is cancelled: that is how the grace period of a shutdown
  /// ends a write that hangs.
  ///
  /// - Throws: ``EventSinkError``; ``EventSinkError/Kind/retry`` for anything that may pass by
  ///   itself or by an operator's hand, ``EventSinkError/Kind/refused`` only where the data of the
  ///   rows is to blame. If it is not known whether the batch was stored, `outcomeUnknown` says so.
  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt

  /// Waits while the sink is behind with what stored events bring about, as PostgreSQL may be with rolling up.
  ///
  /// The worker calls it between two batches, as long as the events that wait are in files which take less than half
  /// of the buffer's limit. The worker cancels the waiting task when somebody flushes, when room runs short and when a
  /// shutdown begins.
  /// This must return soon after its task is cancelled. The default returns at once.
  func catchUp() async

  /// Keeps a row that ``write(_:)`` refused when it came alone, where somebody can look at it, mend
  /// what refused it and send it again: a dead letter.
  ///
  /// When this returns the row leaves the buffer and counts as rejected, so it should be as safe as
  /// a stored one. The same row may come again; it is kept once.
  ///
  /// - Parameters:
  ///   - row: One row.
  ///   - refusal: Why it was refused.
  /// - Throws: ``EventSinkError`` of kind ``EventSinkError/Kind/retry``: the row waits.
  func setAside(_ row: EventBatch, because refusal: EventSinkError) async throws(EventSinkError)
}

extension EventSink {
  /// One.
  public var concurrentWritesMax: Int { 1 }

  /// Not known.
  public var clock: EventTimestamp? { nil }

  /// Does nothing.
  public func catchUp() async {}

  /// None: the destination alone decides.
  public func installation() async throws(EventSinkError) -> UUID? { nil }
}

/// What became of a batch's rows. The numbers add up to the batch's.
public struct EventReceipt: Hashable, Sendable {
  /// Rows that this call added.
  public var stored: Int
  /// Rows that were there before.
  public var duplicates: Int
  /// Rows that will never be stored although the rest of the batch is, by reason; reasons without
  /// rows are absent.
  public var rejected: [RejectReason: Int]

  /// Makes a receipt.
  public init(stored: Int, duplicates: Int = 0, rejected: [RejectReason: Int] = [:]) {
    self.stored = stored
    self.duplicates = duplicates
    self.rejected = rejected
  }

  /// The same, made to add up: a sink that cannot count must not upset the books.
  func fitted(to rowCount: Int) -> EventReceipt {
    var fitted = self
    if stored < 0 || duplicates < 0 || stored + duplicates > rowCount
      || rejected.values.min() ?? 0 < 0
      || stored + duplicates + rejected.values.reduce(0, +) != rowCount
    {
      fitted = EventReceipt(stored: rowCount)
    }
    return fitted
  }
}

/// Why a batch was not stored.
public struct EventSinkError: Error, Sendable, CustomStringConvertible {
  /// What the worker should do.
  public enum Kind: Sendable {
    /// Keep the batch and try again: the server is away, read-only, out of space, not migrated.
    case retry
    /// The data is at fault: find the row, set it aside, store the rest. Where most of a large batch
    /// is refused the fault is rather in the database, and the worker keeps it and tries again.
    case refused
  }

  /// What the worker should do.
  public let kind: Kind
  /// Whether the batch may have been stored nevertheless: the connection ended during COMMIT.
  public let outcomeUnknown: Bool
  /// One line without values of the rows: what, where, what to do.
  public let description: String

  /// Makes an error.
  public init(_ kind: Kind, outcomeUnknown: Bool = false, _ description: String) {
    self.kind = kind
    self.outcomeUnknown = outcomeUnknown
    self.description = description
  }
}
