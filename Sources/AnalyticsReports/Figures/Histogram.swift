internal import Foundation

/// How numbers are distributed, as rollups keep it: slot k holds those from 1.02^(k-2), exclusive,
/// to 1.02^(k-1), slot 0 holds zeros (after DDSketch: Masson, Rim, Lee 2019). Histograms can be added
/// up and taken off one another; percentiles are within 1 %.
struct Histogram: Hashable {
  /// How many numbers are in each slot.
  private var counts: [Int] = []

  /// Adds numbers, or takes them off.
  mutating func add(_ times: Int, in slot: Int) {
    if slot >= counts.count {
      counts.append(contentsOf: repeatElement(0, count: slot + 1 - counts.count))
    }
    counts[slot] += times
  }

  /// How many numbers there are.
  var count: Int { counts.reduce(0) { $0 + max(0, $1) } }

  /// The nearest-rank percentile, exact below 50; `nil` of nothing.
  ///
  /// - Parameter total: ``count``, from who asks for several.
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

  /// The middle of a slot, by the same arithmetic as `analytics_percentile` in SQL.
  private static func value(of slot: Int) -> Double {
    guard slot > 0 else { return 0 }
    let middle = 2 * pow(1.02, Double(slot - 1)) / 2.02
    return middle < 50 ? middle.rounded(.toNearestOrEven) : middle
  }

  /// How histograms come from the server, one behind the other.
  enum Encoding {
    /// Their entries, eight bytes each.
    case entries
    /// `array_send` of each.
    case arrays
  }

  /// Adds histograms.
  ///
  /// - Parameter sign: -1 takes them off.
  /// - Returns: False if that is not what the bytes are.
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
      // Dimensions, whether there are NULLs, the type; of the only dimension count and first index.
      guard let dimensions = word(), word() == 0, word() != nil else { return false }
      if dimensions == 0 { continue }
      guard dimensions == 1, let count = word(), word() != nil, count >= 0,
        offset + 12 * count <= bytes.count
      else { return false }
      // Each entry comes behind its length.
      let entries = Entries(bytes: bytes, offset: offset + 4, stride: 12, count: count)
      guard add(entries, sign) else { return false }
      offset += 12 * count
    }
    return true
  }

  /// Makes room once and then adds without looking: a report adds up millions.
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

  /// A slot and how often it comes, as one number: at `offset`, and then every `stride` bytes.
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
