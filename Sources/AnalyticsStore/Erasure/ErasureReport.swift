public import Foundation

/// The result of an erasure.
public struct ErasureReport: Sendable, Hashable, Codable {
  /// The time of the erasure. All events dated before it are erased, including those that arrive
  /// later. So are events dated up to 24 hours after it, unless they were certainly tracked after
  /// it.
  public var erasedAt: Date
  /// The number of events that had the person as their user.
  public var events: Int
  /// The number of other events that named the person.
  public var mentions: Int
  /// The number of rows of other tables that were changed or deleted, by table.
  public var rows: [String: Int]
  /// The number of partitions that retention has scheduled to be dropped and that still hold
  /// events. `analytics maintain` drops them.
  public var partitionsToDrop: Int

  /// Whether the erasure found nothing.
  public var isEmpty: Bool { events == 0 && mentions == 0 && rows.isEmpty }
}
