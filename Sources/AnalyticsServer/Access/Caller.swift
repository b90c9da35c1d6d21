package import Foundation

/// What a key is good for.
package enum Role: String, CaseIterable, Sendable {
  /// Sees all figures.
  case read
  /// Is for sending events over HTTP, which no server takes yet; sees nothing. No such key is made until
  /// then, but there may be some.
  case write
  /// Everything that a server offers, which is no more than `read` yet.
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
