/// A set of members of one chunk: a bit for each of the chunk's 32,000 places.
///
/// A member's number is 32,000 times the number of its chunk, plus its place in the chunk. So
/// different chunks never share a member, and a count is the sum over chunks.
struct MemberSet: Sendable {
  /// The number of places in a chunk.
  static let placeCount = 32_000
  private static let wordCount = placeCount / 64

  /// The bits. The first place is the highest bit of the first word.
  ///
  /// There are either no words or exactly `wordCount`; access without bounds checks relies on this.
  /// An empty set has no words, so it takes no memory, and the first set that is added to it is not
  /// copied.
  private(set) var words: [UInt64] = []

  /// The number of members.
  var count: Int {
    words.withUnsafeBufferPointer { words in
      var count = 0
      for word in words { count &+= word.nonzeroBitCount }
      return count
    }
  }

  // MARK: - Operations on two sets

  mutating func formUnion(_ other: MemberSet) {
    guard !words.isEmpty else {
      words = other.words
      return
    }
    combine(other) { $0 | $1 }
  }

  mutating func formIntersection(_ other: MemberSet) {
    guard !other.words.isEmpty else {
      words = []
      return
    }
    combine(other) { $0 & $1 }
  }

  mutating func subtract(_ other: MemberSet) { combine(other) { $0 & ~$1 } }

  func intersection(_ other: MemberSet) -> MemberSet {
    var both = self
    both.formIntersection(other)
    return both
  }

  /// Returns the number of members that both sets have.
  func sharedCount(with other: MemberSet) -> Int {
    guard !words.isEmpty, !other.words.isEmpty else { return 0 }
    return words.withUnsafeBufferPointer { left in
      other.words.withUnsafeBufferPointer { right in
        var count = 0
        for index in 0..<Self.wordCount { count &+= (left[index] & right[index]).nonzeroBitCount }
        return count
      }
    }
  }

  @inline(__always)
  private mutating func combine(_ other: MemberSet, _ change: (UInt64, UInt64) -> UInt64) {
    guard !words.isEmpty, !other.words.isEmpty else { return }
    words.withUnsafeMutableBufferPointer { words in
      other.words.withUnsafeBufferPointer { others in
        for index in 0..<Self.wordCount { words[index] = change(words[index], others[index]) }
      }
    }
  }

  // MARK: - Adding

  /// - Parameter places: A range within 0..<``placeCount``.
  mutating func insert(_ places: Range<Int>) {
    makeRoom()
    var place = places.lowerBound
    while place < places.upperBound {
      let end = min(places.upperBound, (place / 64 + 1) * 64)
      let from = UInt64.max >> (place % 64)
      words[place / 64] |= end % 64 == 0 ? from : from & ~(UInt64.max >> (end % 64))
      place = end
    }
  }

  /// Adds places in the server's form: two bytes each, the higher one first, in any order.
  ///
  /// - Returns: False if the bytes do not have this form. Some places may have been added then.
  mutating func insert(places bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count % 2 == 0 else { return false }
    makeRoom()
    return words.withUnsafeMutableBufferPointer { words in
      for offset in stride(from: 0, to: bytes.count, by: 2) {
        let sent = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        let place = Int(UInt16(bigEndian: sent))
        guard place < Self.placeCount else { return false }
        words[place >> 6] |= Self.bit(place & 63)
      }
      return true
    }
  }

  /// Adds a packed set: bits if there is one for each place, or else fewer than 2,000 places.
  ///
  /// - Returns: False if the bytes have neither form.
  mutating func insert(packed bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count == Self.byteCount ? insert(bits: bytes) : insert(places: bytes)
  }

  /// Adds the members of a set that has a bit for each place.
  ///
  /// - Returns: False unless there are as many bits as places.
  mutating func insert(bits bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == Self.byteCount else { return false }
    makeRoom()
    words.withUnsafeMutableBufferPointer { words in
      for index in 0..<Self.wordCount {
        let sent = bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
        words[index] |= UInt64(bigEndian: sent)
      }
    }
    return true
  }

  /// The length of a set in bits, in bytes.
  private static let byteCount = placeCount / 8

  private mutating func makeRoom() {
    if words.isEmpty { words = [UInt64](repeating: 0, count: Self.wordCount) }
  }

  @inline(__always)
  private static func bit(_ bit: Int) -> UInt64 { 1 &<< UInt64(63 - bit) }
}

extension Range<Int> {
  /// The members with these numbers, as a set for each of their chunks.
  var memberSets: [(chunk: Int, set: MemberSet)] {
    guard !isEmpty else { return [] }
    let size = MemberSet.placeCount
    return (lowerBound / size...(upperBound - 1) / size).map { chunk in
      var set = MemberSet()
      let numbers = clamped(to: chunk * size..<(chunk + 1) * size)
      set.insert(numbers.lowerBound - chunk * size..<numbers.upperBound - chunk * size)
      return (chunk, set)
    }
  }
}
