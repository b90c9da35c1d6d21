#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A destination for batches of rows: a database, a file, or memory in a test.
///
/// A sink for another PostgreSQL client fits into one file: it sends `COPY table (columns) FROM
/// STDIN (FORMAT binary)`, the format's header, the batch's chunks and the trailer. The test kit
/// contains the test suite that every sink must pass.
public protocol EventSink: Sendable {
  /// A text that identifies where rows are stored, made of all settings that decide it, without a
  /// password; 1…200 bytes.
  ///
  /// The text is written into every segment. A segment that does not name an ``installation()`` yet
  /// is delivered only to a sink with the same destination. Equivalent spellings of the same
  /// settings should give the same text.
  var destination: String { get }

  /// Returns the id of the installation (the set of tables) to which the settings lead. The id must
  /// not depend on the user who connects or on the route of the connection.
  ///
  /// The worker calls this method until it has returned once. From then on segments carry the id. A
  /// segment is delivered to any sink that leads to the same installation, even with another user,
  /// host or password.
  ///
  /// - Returns: An id that only this installation has; `nil` if the sink has no such id. Then
  ///   ``destination`` alone decides.
  /// - Throws: ``EventSinkError`` if the installation cannot be reached now.
  func installation() async throws(EventSinkError) -> UUID?

  /// The time that the database's clock showed at the sink's last reading; `nil` if it is not
  /// known.
  ///
  /// The sink reads the clock during ``write(_:)`` or ``installation()``, and updates this property
  /// before they return.
  ///
  /// The worker uses this time to tell which events were certainly tracked after the reading,
  /// regardless of the host's own clock. See ``EventBatch/trackedAfter``.
  var clock: EventTimestamp? { get }

  /// The number of calls of ``write(_:)`` that may run at the same time. The default is 1.
  ///
  /// With 2 or more, the worker makes a second call while there is a backlog, but never a third. No
  /// row is in two batches at the same time.
  var concurrentWritesMax: Int { get }

  /// Stores the whole batch or nothing, except for rows that the receipt counts as rejected.
  ///
  /// Rows are identified by `(timestamp, id)`. A row that is already stored stays as it is and
  /// counts as a duplicate. After an error the same rows may come again, in the same batch or
  /// divided differently. If ``EventBatch/mayBeStored`` is set, rows that are already stored count
  /// as stored.
  ///
  /// The rows of the batch may only be read during this call.
  ///
  /// The method must return soon after its task is cancelled. The grace period of a shutdown relies
  /// on this to end a write that hangs.
  ///
  /// - Throws: ``EventSinkError``: of kind ``EventSinkError/Kind/retry`` for any problem that may
  ///   pass by itself or that an operator can fix; of kind ``EventSinkError/Kind/refused`` only if
  ///   the data of the rows is at fault. If it is unknown whether the batch was stored,
  ///   `outcomeUnknown` must be `true`.
  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt

  /// Waits while the sink is behind with work that stored events cause, such as rolling up in
  /// PostgreSQL.
  ///
  /// The worker calls this method between two batches, as long as the waiting events are in files
  /// that take less than half of the buffer's limit. The worker cancels the waiting task when a
  /// caller flushes, when the buffer runs short of room, and when a shutdown begins. The method
  /// must return soon after its task is cancelled. The default returns at once.
  func catchUp() async

  /// Keeps a row that ``write(_:)`` refused when it was alone in its batch: a dead letter. An
  /// operator can inspect it, fix the cause and send it again.
  ///
  /// When this method returns, the row leaves the buffer and counts as rejected. So the row should
  /// be kept as safely as a stored one. The same row may come again; it must be kept once.
  ///
  /// - Parameters:
  ///   - row: A batch of exactly one row.
  ///   - refusal: The error with which the row was refused.
  /// - Throws: ``EventSinkError`` of kind ``EventSinkError/Kind/retry``; the row then stays in the
  ///   buffer.
  func deadLetter(_ row: EventBatch, because refusal: EventSinkError) async throws(EventSinkError)
}

extension EventSink {
  /// One call at a time.
  public var concurrentWritesMax: Int { 1 }

  /// `nil`: the clock is not known.
  public var clock: EventTimestamp? { nil }

  /// Does nothing.
  public func catchUp() async {}

  /// Returns `nil`: ``destination`` alone decides.
  public func installation() async throws(EventSinkError) -> UUID? { nil }
}

/// The outcome of a batch, by number of rows. The numbers add up to the batch's row count.
public struct EventReceipt: Hashable, Sendable {
  /// Rows that this call stored.
  public var stored: Int
  /// Rows that were already stored.
  public var duplicates: Int
  /// Rows that will never be stored although the rest of the batch is, by reason. Reasons without
  /// rows are absent.
  public var rejected: [RejectReason: Int]

  /// Creates a receipt.
  public init(stored: Int, duplicates: Int = 0, rejected: [RejectReason: Int] = [:]) {
    self.stored = stored
    self.duplicates = duplicates
    self.rejected = rejected
  }

  /// Returns a receipt that adds up to `rowCount`. One that does not is replaced by "all stored",
  /// so that a sink that miscounts cannot break the accounting identity.
  func fitted(to rowCount: Int) -> EventReceipt {
    let counts = [stored, duplicates] + rejected.values
    // Each count is checked first, so that the sum cannot overflow.
    let isRight =
      counts.allSatisfy { (0...rowCount).contains($0) } && counts.reduce(0, +) == rowCount
    return isRight ? self : EventReceipt(stored: rowCount)
  }
}

/// An error with which a sink reports that a batch was not stored.
public struct EventSinkError: Error, Sendable, CustomStringConvertible {
  /// How the worker should react.
  public enum Kind: Sendable {
    /// Keep the batch and try again: the server is unreachable, read-only, out of space or not
    /// migrated.
    case retry
    /// The data is at fault. The worker isolates the refused rows, makes them dead letters and
    /// stores the rest. If most rows of a large batch are refused, the fault is probably in the
    /// database, and the worker keeps the batch and tries again.
    case refused
  }

  /// How the worker should react.
  public let kind: Kind
  /// Whether the batch may have been stored despite the error, for example because the connection
  /// ended during COMMIT.
  public let outcomeUnknown: Bool
  /// One line that says what failed, where, and what to do. Contains no values of the rows.
  public let description: String

  /// Creates an error.
  public init(_ kind: Kind, outcomeUnknown: Bool = false, _ description: String) {
    self.kind = kind
    self.outcomeUnknown = outcomeUnknown
    self.description = description
  }
}
