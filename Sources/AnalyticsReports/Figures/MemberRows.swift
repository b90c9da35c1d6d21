internal import AnalyticsPostgres
internal import AnalyticsText

/// Sets of members as they were read, in the server's form: those of one chunk and one group are made
/// sets at one time.
struct MemberRows {
  /// How rows hold members.
  enum Form {
    /// As `bit(32000)`: the number of bits in four bytes, then these.
    case bits
    /// As `bytea`, after a column that says whether it is several sets' bits one behind the other, or places.
    case bitsOrPlaces
    case places
  }

  private struct Entry {
    var chunk: Int
    var group: Int
    var piece: Int
    /// Where the members are.
    var answer: Int
    var row: Int
  }

  private var answers: [(rows: PostgresRows, column: Int, form: Form)] = []
  private var entries: [Entry] = []
  private var groups: [Group] = []
  private var numbers: [Group: Int] = [:]

  /// Adds rows of a piece, some dimensions, a chunk and its members.
  ///
  /// - Parameter firstPiece: What the pieces of these rows are counted from.
  mutating func add(
    _ rows: PostgresRows, _ form: Form, dimensions: Int = 0, firstPiece: Int = 0
  ) throws(PostgresError) {
    entries.reserveCapacity(entries.count + rows.count)
    for (index, row) in rows.enumerated() {
      var group: Group = []
      for position in 0..<dimensions {
        group.append(try row.dimension(at: 1 + position))
      }
      entries.append(
        Entry(
          chunk: try row.decode(at: 1 + dimensions), group: number(of: group),
          piece: firstPiece + (try row.decode(Int.self, at: 0)), answer: answers.count, row: index))
    }
    answers.append((rows, (form == .bitsOrPlaces ? 3 : 2) + dimensions, form))
  }

  private mutating func number(of group: Group) -> Int {
    if let number = numbers[group] { return number }
    numbers[group] = groups.count
    groups.append(group)
    return groups.count - 1
  }

  /// Gives who was there in each range: chunk by chunk, and of each chunk group by group.
  ///
  /// - Parameter ranges: Of which ranges each piece is a part.
  func forEachChunk(
    _ ranges: [[Int]], _ body: (MemberChunk) -> Void
  ) throws(PostgresError) {
    let entries = entries.sorted {
      ($0.chunk, $0.group, $0.piece) < ($1.chunk, $1.group, $1.piece)
    }
    var next = 0
    while next < entries.count {
      let first = entries[next]
      var chunk = MemberChunk(number: first.chunk, group: groups[first.group])
      while next < entries.count, entries[next].chunk == first.chunk,
        entries[next].group == first.group
      {
        let piece = entries[next].piece
        var set = MemberSet()
        while next < entries.count, entries[next].chunk == first.chunk,
          entries[next].group == first.group, entries[next].piece == piece
        {
          try insert(entries[next], into: &set)
          next += 1
        }
        for range in ranges[piece] { chunk.sets[range, default: MemberSet()].formUnion(set) }
      }
      body(chunk)
    }
  }

  private func insert(_ entry: Entry, into set: inout MemberSet) throws(PostgresError) {
    let (rows, column, form) = answers[entry.answer]
    let row = rows[entry.row]
    let isBits = form == .bitsOrPlaces ? try row.decode(Bool.self, at: column - 1) : form == .bits
    let isRead = row.withBytes(at: column) { bytes in
      guard let bytes else { return false }
      guard isBits else { return set.insert(places: bytes) }
      // A value of `bit` begins with its length.
      let sets = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(form == .bits ? 4 : 0))
      return !sets.isEmpty
        && stride(from: 0, to: sets.count, by: MemberSet.byteCount).allSatisfy { start in
          set.insert(
            bits: UnsafeRawBufferPointer(rebasing: sets[start...].prefix(MemberSet.byteCount)))
        }
    }
    guard isRead else { throw PostgresError(.decoding, "a set of members cannot be read") }
  }
}

/// The members of one chunk and one group.
struct MemberChunk {
  let number: Int
  let group: Group
  /// By range; those without members may be left out.
  var sets: [Int: MemberSet] = [:]
}
