package import Foundation

/// What a key is good for.
package enum Role: String, CaseIterable, Sendable {
  /// Sees all figures.
  case read
  /// Sends events, and sees nothing.
  case write
  /// Both.
  case admin

  /// Whether who has this role may do what another is for.
  package func allows(_ need: Role) -> Bool { self == need || self == .admin }
}

/// Who asks.
package struct Caller: Sendable, Hashable {
  /// The id of the key; `nil` where none is needed and none was given.
  package var key: UUID?
  /// What the key is called.
  package var name: String
  package var role: Role

  /// Whoever reaches a server that asks for no keys.
  static let anybody = Caller(key: nil, name: "anybody", role: .read)
}
