internal import Foundation

/// The distribution of whole numbers, as rollups store it. Slot 0 holds zeros, and slot k holds the
/// numbers from 1.02^(k-2), exclusive, to 1.02^(k-1) (after DDSketch: Masson, Rim, Lee 2019).
/// Histograms can be added and subtracted. Percentiles are within 1 %.
struct Histogram: Hashable {
  /// How many numbers are in each slot.
  private var counts: [Int] = []

  /// Adds numbers to a slot. A negative `times` removes them.
  mutating func add(_ times: Int, in slot: Int) {
    if slot >= counts.count {
      counts.append(contentsOf: repeatElement(0, count: slot + 1 - counts.count))
    }
    counts[slot] += times
  }

  /// How many numbers the histogram holds.
  var count: Int { counts.reduce(0) { $0 + max(0, $1) } }

  /// Returns the nearest-rank percentile, exact below 50; `nil` if the histogram is empty.
  ///
  /// - Parameter total: ``count``, if the caller asks for several percentiles.
  func percentile(_ percentile: Percentile, of total: Int? = nil) -> Double? {
    let total = total ?? count
    guard total > 0 else { return nil }
    let rank = percentile.rank(of: total)
    var seen = 0
    for slot in counts.indices where counts[slot] > 0 {
      seen += counts[slot]
      if seen >= rank { return Self.value(of: slot) }
    }
    return nil
  }

  /// Returns the middle of a slot, by the same arithmetic as `analytics_percentile` in SQL.
  private static func value(of slot: Int) -> Double {
    guard slot > 0 else { return 0 }
    let middle = 2 * pow(1.02, Double(slot - 1)) / 2.02
    return middle < 50 ? middle.rounded(.toNearestOrEven) : middle
  }

  /// How the server sends histograms, which follow one another.
  enum Encoding {
    /// The entries of each, eight bytes long.
    case entries
    /// The output of `array_send` for each.
    case arrays
  }

  /// Adds histograms that the server sent.
  ///
  /// - Parameter sign: 1 adds them, -1 subtracts them.
  /// - Returns: False if the bytes do not have this encoding. Part of them may have been added
  ///   then.
  mutating func add(_ bytes: UnsafeRawBufferPointer, _ encoding: Encoding, sign: Int) -> Bool {
    switch encoding {
    case .entries:
      let entries = Entries(bytes: bytes, stride: 8, count: bytes.count / 8)
      return bytes.count % 8 == 0 && add(entries, sign)
    case .arrays: return addArrays(bytes, sign)
    }
  }

  private mutating func addArrays(_ bytes: UnsafeRawBufferPointer, _ sign: Int) -> Bool {
    var offset = 0
    func word() -> Int? {
      guard offset + 4 <= bytes.count else { return nil }
      defer { offset += 4 }
      return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
    while offset < bytes.count {
      // The number of dimensions, a flag for NULLs, and the type. Then the count and the first
      // index of the only dimension.
      guard let dimensions = word(), word() == 0, word() != nil else { return false }
      if dimensions == 0 { continue }
      guard dimensions == 1, let count = word(), word() != nil, count >= 0,
        offset + 12 * count <= bytes.count
      else { return false }
      // Each entry follows its length.
      let entries = Entries(bytes: bytes, offset: offset + 4, stride: 12, count: count)
      guard add(entries, sign) else { return false }
      offset += 12 * count
    }
    return true
  }

  /// Adds entries in two passes, because a report adds up millions. The first pass refuses negative
  /// entries and makes room for the highest slot, so every slot of the second pass is in bounds.
  private mutating func add(_ entries: Entries, _ sign: Int) -> Bool {
    var last: Int64 = -1
    for index in 0..<entries.count {
      let entry = entries[index]
      guard entry >= 0 else { return false }
      last = max(last, entry >> 48)
    }
    if Int(last) >= counts.count { add(0, in: Int(last)) }
    counts.withUnsafeMutableBufferPointer { counts in
      for index in 0..<entries.count {
        let entry = entries[index]
        counts[Int(entry >> 48)] += sign * Int(entry & 0xffff_ffff_ffff)
      }
    }
    return true
  }

  /// Entries within raw bytes, each a big-endian number with the slot in its upper 16 bits and the
  /// count in its lower 48. One is at `offset`, and the next ones follow every `stride` bytes.
  ///
  /// The code that makes a value has checked that all `count` entries lie within `bytes`, and uses
  /// it only within the call that received `bytes`.
  private struct Entries {
    let bytes: UnsafeRawBufferPointer
    var offset = 0
    let stride: Int
    let count: Int

    subscript(index: Int) -> Int64 {
      Int64(
        bigEndian: bytes.loadUnaligned(fromByteOffset: offset + stride * index, as: Int64.self))
    }
  }
}
