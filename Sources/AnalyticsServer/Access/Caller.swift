package import Foundation

/// What a key permits.
package enum Role: String, CaseIterable, Sendable {
  /// Permits reading all figures.
  case read
  /// Reserved for sending events over HTTP, which no server accepts yet; does not permit reading.
  /// No command creates such a key yet, but a database may contain one.
  case write
  /// Permits everything that a server offers, which is at present no more than `read`.
  case admin

  /// Whether this role permits what `need` is required for.
  package func allows(_ need: Role) -> Bool { self == need || self == .admin }
}

/// The sender of a request.
package struct Caller: Sendable, Hashable {
  /// The key's ID; `nil` if the server needs no key and the request has none.
  package var key: UUID?
  /// The key's name.
  package var name: String
  package var role: Role

  /// The caller without a key on a server that needs none.
  static let anonymous = Caller(key: nil, name: "anonymous", role: .read)
}
