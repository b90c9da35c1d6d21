internal import AnalyticsPostgres
internal import AnalyticsText

/// Sets of members as read, in the server's form. They are decoded chunk by chunk and group by
/// group, so that only the sets of one chunk and group are held at a time.
struct MemberRows {
  /// How the rows of an answer hold members.
  enum Form {
    /// `bit(32000)`: the number of bits in four bytes, then the bits.
    case bits
    case places
    /// One of both: see ``MemberSet/insert(packed:)``.
    case packed
  }

  /// The place of the bytes of a set.
  private enum Place {
    case answer(Int, row: Int)
    /// Bytes of a packed set, copied to a block.
    case copied(block: Int, Range<Int>)
  }

  private struct Slot: Hashable {
    var chunk: Int
    var group: Int
  }

  private var answers: [(rows: PostgresRows, column: Int, form: Form)] = []
  private var blocks: [[UInt8]] = []
  private var entries: [Slot: [(piece: Int, place: Place)]] = [:]
  private var groups: [Group] = []
  private var numbers: [Group: Int] = [:]

  private mutating func number(of group: Group) -> Int {
    if let number = numbers[group] { return number }
    numbers[group] = groups.count
    groups.append(group)
    return groups.count - 1
  }

  /// Calls `body` with the members of each range, chunk by chunk, and group by group within a
  /// chunk.
  ///
  /// - Parameter ranges: For each piece, the ranges that contain it.
  func forEachChunk(
    _ ranges: [[Int]], _ body: (MemberChunk) -> Void
  ) throws(PostgresError) {
    let slots = entries.keys.sorted { ($0.chunk, $0.group) < ($1.chunk, $1.group) }
    for slot in slots {
      var chunk = MemberChunk(number: slot.chunk, group: groups[slot.group])
      let entries = (entries[slot] ?? []).sorted { $0.piece < $1.piece }
      var next = 0
      while next < entries.count {
        let piece = entries[next].piece
        let end = entries[next...].firstIndex { $0.piece != piece } ?? entries.count
        defer { next = end }
        let places = entries[next..<end].lazy.map(\.place)
        if ranges[piece].count == 1 {
          try insert(places, into: &chunk.sets[ranges[piece][0], default: MemberSet()])
        } else {
          var set = MemberSet()
          try insert(places, into: &set)
          for range in ranges[piece] { chunk.sets[range, default: MemberSet()].formUnion(set) }
        }
      }
      body(chunk)
    }
  }

  private func insert(
    _ places: some Sequence<Place>, into set: inout MemberSet
  ) throws(PostgresError) {
    for place in places {
      guard insert(place, into: &set) else { throw Self.unreadable }
    }
  }

  /// - Returns: False if the bytes are not a set.
  private func insert(_ place: Place, into set: inout MemberSet) -> Bool {
    switch place {
    case .copied(let block, let range):
      blocks[block].withUnsafeBytes { bytes in
        set.insert(packed: UnsafeRawBufferPointer(rebasing: bytes[range]))
      }
    case .answer(let index, let row):
      answers[index].rows[row].withBytes(at: answers[index].column) { bytes in
        guard let bytes else { return false }
        switch answers[index].form {
        case .places: return set.insert(places: bytes)
        case .packed: return set.insert(packed: bytes)
        // A value of type `bit` begins with its length.
        case .bits: return set.insert(bits: UnsafeRawBufferPointer(rebasing: bytes.dropFirst(4)))
        }
      }
    }
  }

  private static let unreadable = PostgresError(.decoding, "a set of members cannot be read")
}

/// The members of one chunk and one group in each range.
struct MemberChunk {
  let number: Int
  let group: Group
  /// The sets by range. Ranges without members may be missing.
  var sets: [Int: MemberSet] = [:]
}

// MARK: - Adding

extension MemberRows {
  /// Adds rows with a piece, the dimensions, a chunk and its members.
  ///
  /// - Parameter firstPiece: The number of the piece that these rows call 0.
  mutating func add(
    _ rows: PostgresRows, _ form: Form, dimensions: Int = 0, firstPiece: Int = 0
  ) throws(PostgresError) {
    for (index, row) in rows.enumerated() {
      let group = number(of: try row.group(dimensions))
      let slot = Slot(chunk: try row.decode(at: 1 + dimensions), group: group)
      let piece = firstPiece + (try row.decode(Int.self, at: 0))
      entries[slot, default: []].append((piece, .answer(answers.count, row: index)))
    }
    answers.append((rows, 2 + dimensions, form))
  }

  /// Adds rows with a time, the dimensions, a chunk and its members as a packed set.
  ///
  /// - Parameters:
  ///   - chunks: Rows of other chunks are ignored.
  ///   - pieces: In order of time. Rows of other times are ignored.
  ///   - firstPiece: The number of the first of these pieces.
  mutating func add(
    _ rows: PostgresRows, dimensions: Int, chunks: Range<Int>, pieces: [RangeCover.Piece],
    firstPiece: Int
  ) throws(PostgresError) {
    for (index, row) in rows.enumerated() {
      let time = try row.decode(PostgresTimestamp.self, at: 0).microseconds
      let chunk = try row.decode(Int.self, at: 1 + dimensions)
      guard chunks.contains(chunk), let piece = pieces.index(around: time) else { continue }
      let slot = Slot(chunk: chunk, group: number(of: try row.group(dimensions)))
      entries[slot, default: []].append((firstPiece + piece, .answer(answers.count, row: index)))
    }
    answers.append((rows, 2 + dimensions, .packed))
  }

  /// Adds the rows of a COPY: a time, the dimensions, a chunk and its members as a packed set.
  /// These rows take less memory than those of an answer, which libpq keeps as a whole, and they
  /// are read while the server sends more.
  ///
  /// - Parameters:
  ///   - pieces: In order of time. Rows of other times are ignored.
  ///   - firstPiece: The number of the first of these pieces.
  mutating func add(
    copying sql: SQL, on connection: PostgresConnection, dimensions: Int,
    pieces: [RangeCover.Piece], firstPiece: Int
  ) async throws(PostgresError) {
    let copy = Copy(
      rows: self, dimensions: dimensions, pieces: pieces, firstPiece: firstPiece)
    do {
      try await connection.copyOut(sql) { try copy.take($0) }
    } catch let error as PostgresError {
      throw error
    } catch {
      throw Self.unreadable
    }
    self = copy.rows
  }

  /// A COPY in progress.
  ///
  /// `@unchecked Sendable` is safe because no two threads use it at once. During the COPY only the
  /// connection's thread does, while the caller waits; afterwards only the caller does. If the COPY
  /// fails, the caller does not use it any more.
  private final class Copy: @unchecked Sendable {
    var rows: MemberRows
    private let dimensions: Int
    private let pieces: [RangeCover.Piece]
    private let firstPiece: Int
    private var messages = PostgresCopyRows()
    /// The piece of the row before. Rows come roughly in order.
    private var piece = 0
    private var group: (values: [[UInt8]], number: Int?) = ([], nil)

    init(rows: MemberRows, dimensions: Int, pieces: [RangeCover.Piece], firstPiece: Int) {
      (self.rows, self.dimensions) = (rows, dimensions)
      (self.pieces, self.firstPiece) = (pieces, firstPiece)
    }

    /// Reads a message. Its bytes are valid during this call only, so those of sets and groups are
    /// copied.
    func take(_ message: UnsafeRawBufferPointer) throws {
      try messages.read(message) { columns in
        guard columns.count == 3 + dimensions,
          let time = columns[0].flatMap({ Int64.decode($0, as: .int8) }),
          let chunk = columns[1 + dimensions].flatMap({ Int32.decode($0, as: .int4) }),
          let members = columns[2 + dimensions]
        else { throw MemberRows.unreadable }
        guard let piece = place(of: time) else { return }
        let slot = Slot(chunk: Int(chunk), group: group(columns[1..<1 + dimensions]))
        rows.entries[slot, default: []].append((firstPiece + piece, rows.copy(members)))
      }
    }

    /// Returns the number of a group. Most rows have the same group as the row before.
    private func group(_ values: ArraySlice<UnsafeRawBufferPointer?>) -> Int {
      let isSame = zip(values, group.values).allSatisfy { value, known in
        value.map { $0.elementsEqual(known) } ?? known.isEmpty
      }
      if isSame, let number = group.number { return number }
      group.values = values.map { $0.map(Array.init) ?? [] }
      let number = rows.number(
        of: group.values.map { ExactString(String(decoding: $0, as: UTF8.self)) })
      group.number = number
      return number
    }

    private func place(of time: Int64) -> Int? {
      if !pieces[piece].contains(time) {
        guard let next = pieces.index(around: time) else { return nil }
        piece = next
      }
      return piece
    }
  }

  /// Copies bytes to the last block, or to a new one if they do not fit. No block grows beyond its
  /// capacity, so none is ever moved.
  private mutating func copy(_ members: UnsafeRawBufferPointer) -> Place {
    if blocks.last.map({ $0.count + members.count > $0.capacity }) ?? true {
      var block: [UInt8] = []
      block.reserveCapacity(max(Self.blockBytes, members.count))
      blocks.append(block)
    }
    let last = blocks.count - 1
    let start = blocks[last].count
    blocks[last].append(contentsOf: members)
    return .copied(block: last, start..<start + members.count)
  }

  private static let blockBytes = 1 << 20
}

extension PostgresRow {
  /// Returns the values of the dimensions, which begin with the second column.
  fileprivate func group(_ dimensions: Int) throws(PostgresError) -> Group {
    var group: Group = []
    for position in 0..<dimensions { group.append(try dimension(at: 1 + position)) }
    return group
  }
}

extension RangeCover.Piece {
  func contains(_ time: Int64) -> Bool { time >= lower && time < upper }
}

extension [RangeCover.Piece] {
  /// Returns the index of the piece that contains an instant. The pieces must be in order.
  fileprivate func index(around time: Int64) -> Int? {
    let index = firstIndexInOrder { $0.upper > time }
    return index < count && self[index].contains(time) ? index : nil
  }
}
