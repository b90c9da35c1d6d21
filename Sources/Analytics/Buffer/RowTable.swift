/// A table by which the rows of a segment can be verified. It starts at the segment's end and grows
/// towards the rows.
///
/// Rows cannot hold these entries themselves, because their bytes are sent to the database
/// unchanged. The entry of row `n` has eight bytes and lies `8 (n + 1)` bytes before the end:
///
/// | offset | size | content |
/// |---|---|---|
/// | 0 | 4 | the row's offset in the data |
/// | 4 | 4 | a hash of the id for a row inside one page, a checksum of the row otherwise |
///
/// After a power loss each page is on the device as it was at one moment, or not at all. A missing
/// page has older content, perhaps from an earlier generation of the segment. A row inside one page
/// is either complete or recognisably incomplete, because the length of its JSON is stored after
/// the JSON's fields; its id distinguishes it from an older row. A row in several pages may lack
/// one of them, which only a checksum can detect. A checksum costs 12 ns and the hash 2 ns, so most
/// rows have the hash. Both depend on the row's offset and the segment's sequence.
///
/// The table does not protect against an adversary.
struct RowTable {
  static let entryBytes = 8

  /// The whole data of a segment. The creator keeps it mapped.
  private let data: UnsafeRawBufferPointer
  private let seed: UInt64

  init(_ data: UnsafeRawBufferPointer, sequence: UInt64) {
    (self.data, seed) = (data, Self.seed(sequence))
  }

  static func seed(_ sequence: UInt64) -> UInt64 {
    let product = (sequence ^ 0x9e37_79b9_7f4a_7c15)
      .multipliedFullWidth(by: 0xbf58_476d_1ce4_e5b9)
    return product.high ^ product.low
  }

  /// Returns the offset of a row's entry; negative if there is no room for it.
  @inline(__always)
  static func place(of number: Int, in capacity: Int) -> Int {
    capacity - (number + 1) * entryBytes
  }

  /// Returns the largest possible size of the table for rows of the given total size, plus one
  /// entry.
  static func bytesMax(ofRows bytes: Int) -> Int {
    (bytes / RowLayout.rowBytesMin + 1) * entryBytes
  }

  /// Returns the entry of a row that lies at `range` of the data.
  @inline(__always)
  static func entry(_ row: UnsafeRawPointer, id: UUIDBits, at range: Range<Int>, seed: UInt64)
    -> UInt64
  {
    assert(!range.isEmpty, "a row has bytes")
    assert(UInt32(exactly: range.lowerBound) != nil, "an entry has four bytes for the offset")
    // The data begins at a page boundary.
    let isInOnePage = range.lowerBound >> 12 == (range.upperBound - 1) >> 12
    let proof =
      isInOnePage
      ? hash(id, seed &+ UInt64(truncatingIfNeeded: range.lowerBound))
      : checksum(row, count: range.count, seed &+ UInt64(truncatingIfNeeded: range.lowerBound))
    return UInt64(UInt32(truncatingIfNeeded: range.lowerBound)) | (proof & 0xffff_ffff_0000_0000)
  }

  /// Only the upper half of the product is used: it depends on all bits.
  @inline(__always)
  private static func hash(_ id: UUIDBits, _ seed: UInt64) -> UInt64 {
    (id.low ^ id.high &+ seed) &* 0x94d0_49bb_1331_11eb
  }

  /// Two running sums in two lanes, as in Fletcher's checksum, mixed at the end. A row has more
  /// than 16 bytes, so its last 16 bytes can be read at once.
  @inline(never)
  private static func checksum(_ row: UnsafeRawPointer, count: Int, _ seed: UInt64) -> UInt64 {
    assert(count >= RowLayout.rowBytesMin, "the row is whole")
    var sum = SIMD2<UInt64>(seed, UInt64(truncatingIfNeeded: count))
    var sums = SIMD2<UInt64>.zero
    var offset = 0
    while offset + 16 <= count {
      sum &+= row.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
      sums &+= sum
      offset += 16
    }
    sum &+= row.loadUnaligned(fromByteOffset: count - 16, as: SIMD2<UInt64>.self)
    sums &+= sum
    return sum.x &* 0xbf58_476d_1ce4_e5b9 ^ sum.y &* 0x94d0_49bb_1331_11eb
      ^ sums.x &* 0xd6e8_feb8_6659_fd93 ^ sums.y &* 0x9e37_79b9_7f4a_7c15
  }
}

// MARK: - Reading

extension RowTable {
  /// The complete rows of a segment.
  struct Found {
    /// The rows' ranges, in ascending order.
    var rows: [Range<Int>] = []
    /// The number of each row.
    var numbers: [Int] = []

    /// The offset at which the first gap begins.
    var endOfFirstRun: Int {
      var end = 0
      for row in rows where row.lowerBound == end { end = row.upperBound }
      return end
    }
  }

  /// Returns the rows whose table entries match: a complete row must begin at the offset in the
  /// entry, behind the row before, and give the same entry.
  func found() -> Found {
    var found = Found()
    var end = 0
    var number = 0
    while case let place = Self.place(of: number, in: data.count), place >= end {
      let entry = entry(number)
      let start = Int(entry & 0xffff_ffff)
      if start >= end, let row = row(at: start, before: place), self.entry(of: row, start) == entry
      {
        end = start + row.count
        found.rows.append(start..<end)
        found.numbers.append(number)
      }
      number += 1
    }
    return found
  }

  private func entry(of row: UnsafeRawBufferPointer, _ start: Int) -> UInt64 {
    let id = row.loadUnaligned(fromByteOffset: RowLayout.idOffset, as: UUIDBits.self)
    return Self.entry(
      row.baseAddress!, id: id, at: start..<start + row.count, seed: seed)
  }

  private func entry(_ number: Int) -> UInt64 {
    data.loadUnaligned(fromByteOffset: Self.place(of: number, in: data.count), as: UInt64.self)
  }

  private func row(at start: Int, before end: Int) -> UnsafeRawBufferPointer? {
    let rest = data.slice(min(start, end)..<end)
    guard let length = RowLayout.rowLength(rest), rest[length - 1] == UInt8(ascii: "}") else {
      return nil
    }
    return rest.slice(0..<length)
  }
}
