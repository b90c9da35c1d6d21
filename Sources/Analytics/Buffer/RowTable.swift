/// What proves that the rows of a segment are all there: a table at the segment's end that grows towards
/// the rows.
///
/// Rows cannot hold it: they go to the database as they are. The entry of row `n` has eight bytes and
/// lies `8 (n + 1)` bytes before the end:
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 4 | where the row begins in the data |
/// | 4 | 4 | of a row inside one page: a hash of its id; of one in several: a checksum of it |
///
/// After a power loss each page is on the device as it was at one moment, or not at all; what it holds
/// then is older, perhaps from an earlier life of the segment. A row inside one page is either whole or
/// seen not to be, since the length of its JSON is stored last; its id tells it from an older one. A row
/// in several pages may have lost one of them, which only a checksum can tell. That costs 12 ns and the
/// hash 2, so most rows have the hash. Both depend on the row's place and the segment's sequence.
///
/// It is no protection against an adversary.
struct RowTable {
  static let entryBytes = 8

  /// All that lies behind the header page.
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

  /// Where the entry of a row lies; below 0 if there is no room for it.
  @inline(__always)
  static func place(of number: Int, in capacity: Int) -> Int {
    capacity - (number + 1) * entryBytes
  }

  /// How many bytes of table so many bytes of rows can have.
  static func bytesMax(ofRows bytes: Int) -> Int {
    (bytes / RowLayout.rowBytesMin + 1) * entryBytes
  }

  /// The entry of a row that lies at `range` of the data.
  @inline(__always)
  static func entry(_ row: UnsafeRawPointer, id: UUIDBits, at range: Range<Int>, seed: UInt64)
    -> UInt64
  {
    // Data begins with a page.
    let isInOnePage = range.lowerBound >> 12 == (range.upperBound - 1) >> 12
    let proof =
      isInOnePage
      ? hash(id, seed &+ UInt64(truncatingIfNeeded: range.lowerBound))
      : checksum(row, count: range.count, seed &+ UInt64(truncatingIfNeeded: range.lowerBound))
    return UInt64(UInt32(truncatingIfNeeded: range.lowerBound)) | (proof & 0xffff_ffff_0000_0000)
  }

  /// The upper half of the product depends on all bits.
  @inline(__always)
  private static func hash(_ id: UUIDBits, _ seed: UInt64) -> UInt64 {
    (id.low ^ id.high &+ seed) &* 0x94d0_49bb_1331_11eb
  }

  /// Two running sums in two lanes, as Fletcher's checksum has them, mixed in the end. A row has more
  /// than 16 bytes, so that the last 16 can be read at once.
  @inline(never)
  private static func checksum(_ row: UnsafeRawPointer, count: Int, _ seed: UInt64) -> UInt64 {
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
  /// Rows that are all there.
  struct Found {
    /// In the order of their places.
    var rows: [Range<Int>] = []
    /// The number of each.
    var numbers: [Int] = []

    /// Where the first gap begins.
    var endOfFirstRun: Int {
      var end = 0
      for row in rows where row.lowerBound == end { end = row.upperBound }
      return end
    }
  }

  /// Looks at each entry that can be one: where it says that a row begins, one must be, and it must fit.
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

  /// How many rows begin below `length`, at least.
  ///
  /// - Parameter known: So many are known to.
  func count(ofRowsBelow length: Int, known: Int) -> Int {
    func start(_ number: Int) -> Int { Int(entry(number) & 0xffff_ffff) }
    var count = known
    var last = known == 0 ? -1 : start(known - 1)
    while Self.place(of: count, in: data.count) >= length {
      let next = start(count)
      guard next > last, next < length else { break }
      last = next
      count += 1
    }
    return count
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
