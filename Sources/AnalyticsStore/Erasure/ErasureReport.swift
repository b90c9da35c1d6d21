public import Foundation

/// What an erasure did.
public struct ErasureReport: Sendable, Hashable, Codable {
  /// The events dated before this are emptied of the person, also if they come later; and those dated
  /// up to 24 hours after it that may have been tracked before.
  public var erasedAt: Date
  /// How many events had the person as their user.
  public var events: Int
  /// How many others named the person.
  public var mentions: Int
  /// How many rows of other tables were changed or deleted, by table.
  public var rows: [String: Int]
  /// Partitions that retention is about to drop hold events still: `analytics maintain` drops them.
  public var partitionsOnTheirWayOut: Int

  /// Whether nothing was found.
  public var isEmpty: Bool { events == 0 && mentions == 0 && rows.isEmpty }
}
