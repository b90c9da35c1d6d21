#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A set of UUIDs with 16 bytes per slot. At most three in four slots are taken, and in a table of
/// more than 16 slots at least three in eight.
///
/// `Set<UUID>` hashes with SipHash, which takes longer than the lock around it. Here the hash is
/// the product of the two halves, each combined with a random number per table, so that colliding
/// ids cannot be chosen.
struct IDTable: Sendable {
  struct Bits: Sendable, Equatable {
    var high: UInt64
    var low: UInt64

    @inline(__always)
    init(_ id: UUID) { (high, low) = unsafeBitCast(id.uuid, to: (UInt64, UInt64).self) }

    private init() { (high, low) = (0, 0) }

    /// An empty slot. The UUID of zeros is therefore stored separately.
    static let none = Bits()

    @inline(__always)
    var isNone: Bool { high | low == 0 }

    var id: UUID { UUID(uuid: unsafeBitCast((high, low), to: uuid_t.self)) }
  }

  private var slots: [Bits] = []
  private var taken = 0
  private var hasZero = false
  private let seed = (UInt64.random(in: 1 ... .max), UInt64.random(in: 1 ... .max))

  private static let slotsMin = 16

  var count: Int { taken + (hasZero ? 1 : 0) }

  /// The size of all slots in bytes.
  var byteCount: Int { slots.count * MemoryLayout<Bits>.stride }

  @inline(__always)
  func contains(_ bits: Bits) -> Bool {
    if bits.isNone { return hasZero }
    if slots.isEmpty { return false }
    return slots[place(of: bits)] == bits
  }

  /// Inserts an id.
  ///
  /// - Precondition: The table does not contain the id.
  mutating func insertNew(_ bits: Bits) {
    if bits.isNone {
      hasZero = true
      return
    }
    if (taken + 1) * 4 > slots.count * 3 { grow() }
    slots[place(of: bits)] = bits
    taken += 1
  }

  mutating func formUnion(_ other: IDTable) {
    if other.hasZero { hasZero = true }
    for bits in other.slots where !bits.isNone && !contains(bits) { insertNew(bits) }
  }

  var ids: [UUID] {
    (hasZero ? [Bits.none.id] : []) + slots.lazy.filter { !$0.isNone }.map(\.id)
  }

  /// Returns the slot that holds the id, or the empty slot where it belongs.
  @inline(__always)
  private func place(of bits: Bits) -> Int {
    let product = (bits.high ^ seed.0).multipliedFullWidth(by: bits.low ^ seed.1)
    var place = Int(truncatingIfNeeded: product.high ^ product.low) & (slots.count - 1)
    while !slots[place].isNone, slots[place] != bits { place = (place + 1) & (slots.count - 1) }
    return place
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: .none, count: max(Self.slotsMin, old.count * 2))
    for bits in old where !bits.isNone { slots[place(of: bits)] = bits }
  }
}
