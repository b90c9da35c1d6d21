/// Counts how often each line has occurred, by 64-bit fingerprints.
///
/// Memory: at most 19 bytes for each distinct line (8 in a table that is at least 7/16 full), some
/// 40 more for each that is repeated. A million lines take 19 MB at most.
///
/// Two different lines with one fingerprint are harmless. The later one is taken for a repetition
/// and gets a higher number; but its id is a digest of its own text and that number, so it is still
/// its own, and since fingerprints hold no randomness, the same in every import of the file.
struct OccurrenceCounter: ~Copyable {
  /// Open addressing with linear probing, 0 for a free slot. Tables are many and small, so that
  /// growing one copies little and never doubles the whole.
  private var tables = [Table](repeating: Table(), count: 256)
  /// The count of each fingerprint that came twice or more.
  private var repeated: [UInt64: UInt64] = [:]

  private struct Table {
    var slots: [UInt64] = []
    var used = 0
  }

  /// Counts one more; returns how many there are now.
  mutating func count(_ fingerprint: UInt64) -> UInt64 {
    // 0 marks free slots, so it shares its count with 1.
    let fingerprint = max(fingerprint, 1)
    if insert(fingerprint, into: Int(fingerprint >> 56)) { return 1 }
    let count = (repeated[fingerprint] ?? 1) + 1
    repeated[fingerprint] = count
    return count
  }

  private mutating func insert(_ fingerprint: UInt64, into index: Int) -> Bool {
    if tables[index].used * 8 >= tables[index].slots.count * 7 { grow(index) }
    let slot = Self.slot(of: fingerprint, in: tables[index].slots)
    guard tables[index].slots[slot] == 0 else { return false }
    tables[index].slots[slot] = fingerprint
    tables[index].used += 1
    return true
  }

  private mutating func grow(_ index: Int) {
    let old = tables[index].slots
    var slots = [UInt64](repeating: 0, count: max(16, old.count * 2))
    for fingerprint in old where fingerprint != 0 {
      slots[Self.slot(of: fingerprint, in: slots)] = fingerprint
    }
    tables[index].slots = slots
  }

  /// Where it is, or the free slot where it belongs.
  private static func slot(of fingerprint: UInt64, in slots: [UInt64]) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: fingerprint) & mask
    while slots[slot] != 0, slots[slot] != fingerprint { slot = (slot + 1) & mask }
    return slot
  }
}
