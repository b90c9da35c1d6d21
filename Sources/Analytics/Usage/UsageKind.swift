import AnalyticsText

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Something that happens too often to be an event: counters, and sets whose distinct members count.
///
/// ```swift
/// extension UsageKind {
///   static let search = UsageKind("search", counters: ["queries"], sets: ["users"])
/// }
/// ```
///
/// What its names mean is kept for as long as the database has rows of them: give another meaning
/// another name.
public struct UsageKind: Sendable, Hashable {
  /// Its name, 1…100 bytes.
  public let name: String
  /// The names of what is summed.
  public let counters: [String]
  /// The names of what is counted distinctly.
  public let sets: [String]

  /// Declares a kind.
  ///
  /// - Precondition: Each name has 1…100 bytes, and no name occurs twice among counters or sets.
  public init(_ name: String, counters: [String], sets: [String] = []) {
    for name in [name] + counters + sets {
      precondition(
        (1...100).contains(name.utf8.count) && name.utf8.allSatisfy { $0 >= 32 && $0 != 127 },
        "a name of a usage kind has 1 to 100 bytes in one line")
    }
    precondition(
      [counters, sets].allSatisfy { names in Set(names.map { ExactString($0) }).count == names.count
      },
      "a usage kind names something twice")
    self.name = name
    self.counters = counters
    self.sets = sets
  }

  /// What went through a boundary, and whose it was. See
  /// ``UsageTracker/track(workspaceID:ownerID:allowed:denied:)``.
  public static let boundary = UsageKind(
    "boundary", counters: ["allowed_requests", "denied_requests"], sets: ["workspaces", "users"])
}

/// A member of a set: stored as it is, so that it counts once over all replicas.
public enum UsageMember: Sendable, Hashable {
  /// 16 bytes each in memory, some 43 with the room between them at most.
  case id(UUID)
  /// 1…200 bytes of UTF-8 without a zero byte; others are dropped.
  case text(String)

  /// Texts are the same if their bytes are, as in the database.
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.id(let left), .id(let right)): left == right
    case (.text(let left), .text(let right)): left.isSame(as: right)
    default: false
    }
  }

  /// Feeds what ``==(_:_:)`` compares to a hasher.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .id(let id): hasher.combine(id)
    case .text(let text): text.hashBytes(into: &hasher)
    }
  }
}
