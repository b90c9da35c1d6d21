internal import Foundation

/// Who was there on one UTC day, and in which of its quarters of an hour.
struct DayActivity: Sendable {
  /// Sixteen bytes.
  struct Entry: Sendable, Equatable {
    var quarters: QuarterMask
    /// See ``UserNumbers``.
    var user: UInt32
  }

  let entries: [Entry]

  /// In the order of users, so that who goes through several days goes through memory in order.
  init(_ entries: [Entry]) { self.entries = entries.sorted { $0.user < $1.user } }

  /// Reads what ``RollupReader/activity(on:)`` asks for: of each user the id, the number of bits, and
  /// the bits, 32 bytes in all.
  init(_ bytes: UnsafeRawBufferPointer, _ users: UserNumbers) {
    let numbers = users.numbers(of: bytes, every: 32)
    let entries = numbers.enumerated().map { index, number in
      let early = bytes.loadUnaligned(fromByteOffset: 32 * index + 20, as: UInt64.self)
      let late = bytes.loadUnaligned(fromByteOffset: 32 * index + 28, as: UInt32.self)
      return Entry(
        quarters: QuarterMask(early: UInt64(bigEndian: early), late: UInt32(bigEndian: late)),
        user: number)
    }
    self.init(entries)
  }

  /// - Parameter mask: `nil` for the whole day.
  func users(in mask: QuarterMask?) -> [UInt32] {
    guard let mask else { return entries.map(\.user) }
    return entries.compactMap { $0.quarters.overlaps(mask) ? $0.user : nil }
  }

  /// In which quarter how many of some users were there first.
  func countByFirstQuarter(of users: Set<UInt32>) -> [Int: Int] {
    entries.reduce(into: [:]) { counts, entry in
      if users.contains(entry.user) { counts[entry.quarters.first, default: 0] += 1 }
    }
  }
}

/// Some of the 96 quarters of an hour of a UTC day: the first has the highest bit.
struct QuarterMask: Sendable, Equatable {
  var early: UInt64
  var late: UInt32

  init(early: UInt64, late: UInt32) { (self.early, self.late) = (early, late) }

  /// - Parameter quarters: Of 0..<96.
  init(_ quarters: Range<Int>) {
    self.init(early: 0, late: 0)
    for quarter in quarters {
      if quarter < 64 { early |= 1 << (63 - quarter) } else { late |= 1 << (95 - quarter) }
    }
  }

  func overlaps(_ other: QuarterMask) -> Bool {
    early & other.early != 0 || late & other.late != 0
  }

  /// The earliest quarter in it; 96 if there is none.
  var first: Int { early != 0 ? early.leadingZeroBitCount : 64 + late.leadingZeroBitCount }

  /// Each quarter in it, in order.
  func forEach(_ body: (Int) -> Void) {
    var bits = early
    while bits != 0 {
      body(bits.leadingZeroBitCount)
      bits ^= 1 << (63 - bits.leadingZeroBitCount)
    }
    var more = late
    while more != 0 {
      body(64 + more.leadingZeroBitCount)
      more ^= 1 << (31 - more.leadingZeroBitCount)
    }
  }

  /// As `bit(96)` is written.
  var text: String {
    let digits = { (bits: any FixedWidthInteger, count: Int) in
      let text = String(bits, radix: 2)
      return String(repeating: "0", count: count - text.count) + text
    }
    return digits(early, 64) + digits(late, 32)
  }
}
