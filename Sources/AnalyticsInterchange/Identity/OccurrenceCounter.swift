/// Counts how often each line has occurred, by 64-bit fingerprints.
///
/// It needs at most 19 bytes of memory for each distinct line (8 bytes in a table that is at least
/// 7/16 full), and some 40 more for each repeated one. A million lines take 19 MB at most.
///
/// Two different lines with the same fingerprint do no harm. The later one counts as a repetition
/// and gets a higher number, but its ID is a digest of its own text and that number, so it is still
/// unique. Fingerprints contain no randomness, so the ID is also the same in every import of the
/// file.
struct OccurrenceCounter: ~Copyable {
  /// Hash tables with open addressing and linear probing; 0 marks a free slot. There are many small
  /// ones, so that growing one copies little and never doubles the whole.
  private var tables = [Table](repeating: Table(), count: 256)
  /// The count of each fingerprint that occurred at least twice.
  private var repeated: [UInt64: UInt64] = [:]

  private struct Table {
    var slots: [UInt64] = []
    var used = 0
  }

  /// Counts an occurrence, and returns the number of occurrences so far.
  mutating func count(_ fingerprint: UInt64) -> UInt64 {
    // 0 marks free slots, so fingerprint 0 is counted as 1.
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

  /// The slot that contains the fingerprint, or the free slot where it belongs.
  private static func slot(of fingerprint: UInt64, in slots: [UInt64]) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: fingerprint) & mask
    while slots[slot] != 0, slots[slot] != fingerprint { slot = (slot + 1) & mask }
    return slot
  }
}
