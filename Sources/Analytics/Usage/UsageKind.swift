import AnalyticsText

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A kind of usage that is too frequent for events: counters, and sets whose distinct members are
/// counted.
///
/// ```swift
/// extension UsageKind {
///   static let search = UsageKind("search", counters: ["queries"], sets: ["users"])
/// }
/// ```
///
/// Names keep their meaning for as long as the database has rows with them. Use a new name for a
/// new meaning.
public struct UsageKind: Sendable, Hashable {
  /// The kind's name, 1…100 bytes of UTF-8.
  public let name: String
  /// The names of the counters, which are summed.
  public let counters: [String]
  /// The names of the sets, whose distinct members are counted.
  public let sets: [String]

  /// Declares a kind.
  ///
  /// - Precondition: Each name has 1…100 bytes of UTF-8 without control characters, and no name
  ///   occurs twice among the counters or among the sets.
  public init(_ name: String, counters: [String], sets: [String] = []) {
    for name in [name] + counters + sets {
      precondition(
        (1...100).contains(name.utf8.count) && name.utf8.allSatisfy { $0 >= 32 && $0 != 127 },
        "a name in a usage kind must have 1 to 100 bytes and no control characters")
    }
    precondition(
      [counters, sets].allSatisfy { names in Set(names.map { ExactString($0) }).count == names.count
      },
      "a usage kind has a duplicate name among its counters or sets")
    self.name = name
    self.counters = counters
    self.sets = sets
  }

  /// The requests that were allowed or denied at a boundary, with their workspaces and users. See
  /// ``UsageTracker/track(workspaceID:ownerID:allowed:denied:)``.
  public static let boundary = UsageKind(
    "boundary", counters: ["allowed_requests", "denied_requests"], sets: ["workspaces", "users"])
}

/// A member of a set. It is stored as given, so that it counts once over all replicas.
public enum UsageMember: Sendable, Hashable {
  /// A UUID. It takes 16 bytes in memory, at most about 43 with the free slots of the table.
  case id(UUID)
  /// A string of 1…200 bytes of UTF-8 without U+0000. Other strings are dropped.
  case text(String)

  /// Compares strings by their bytes, as the database does.
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.id(let left), .id(let right)): left == right
    case (.text(let left), .text(let right)): left.isSame(as: right)
    default: false
    }
  }

  /// Hashes the same bytes that ``==(_:_:)`` compares.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .id(let id): hasher.combine(id)
    case .text(let text): text.hashBytes(into: &hasher)
    }
  }
}
