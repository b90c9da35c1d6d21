import Synchronization

/// Where a connection between the sink and the server is cut. The cases around COMMIT mean the COMMIT of a transaction
/// that a caller waits for, not of rolling up in the background.
enum Cut: Sendable, Hashable {
  /// COMMIT does not reach the server.
  case beforeCommit
  /// COMMIT does not reach the server, and the server does not notice that its client is disconnected.
  case beforeCommitUnnoticed
  /// Right after COMMIT was passed on. The server may or may not have executed it.
  case withCommit
  /// The server has committed; its answer is not passed back.
  case beforeAnswer
  /// Right after the answer to COMMIT.
  case afterAnswer
  /// After this many bytes in one direction, also within a message.
  case afterBytes(Int, Direction)

  enum Direction: CaseIterable, Sendable {
    case toServer, toClient
  }

  var isAroundCommit: Bool {
    if case .afterBytes = self { false } else { true }
  }
}

/// What the proxy does with one message.
struct Verdict: Equatable {
  /// How many of its bytes are passed on.
  var passes: Int
  /// The cut that follows them.
  var cut: Cut?
}

/// The next cut that is due, for all connections of a proxy.
struct CutPlan {
  var cut: Cut?
  /// Whether a cut after an answer waits for the end of that answer.
  private var awaitsReady = false

  /// Decides about the next message. A cut that it orders is not due again.
  mutating func judge(
    _ message: Message, _ direction: Cut.Direction, isRollingUp: Bool
  ) -> Verdict {
    let all = message.bytes.count
    var verdict = Verdict(passes: all, cut: nil)
    if let cut, cut.isAroundCommit, isRollingUp { return verdict }
    switch (cut, direction) {
    case (.beforeCommit, .toServer), (.beforeCommitUnnoticed, .toServer):
      if message.isCommit { verdict = Verdict(passes: 0, cut: cut) }
    case (.withCommit, .toServer):
      if message.isCommit { verdict = Verdict(passes: all, cut: cut) }
    case (.beforeAnswer, .toClient):
      if message.isCommitted { verdict = Verdict(passes: 0, cut: cut) }
    case (.afterAnswer, .toClient):
      if awaitsReady, message.isReady { verdict = Verdict(passes: all, cut: cut) }
      awaitsReady = message.isCommitted
    case (.afterBytes(let bytes, let wanted), direction) where wanted == direction:
      if bytes < all {
        verdict = Verdict(passes: bytes, cut: cut)
      } else {
        cut = .afterBytes(bytes - all, wanted)
      }
    default: break
    }
    if verdict.cut != nil { cut = nil }
    return verdict
  }
}

/// One message of PostgreSQL's protocol 3.0: a letter, the length of the rest, the rest. The first message of a client
/// has no letter.
struct Message {
  var bytes: [UInt8]

  /// The query `BEGIN`, with any options.
  var isBegin: Bool { bytes.dropFirst(5).starts(with: "BEGIN".utf8) }
  /// A query of rolling up.
  var rollsUp: Bool { bytes.firstRange(of: Array("analytics_roll_up(".utf8)) != nil }
  /// The query `COMMIT`.
  var isCommit: Bool { bytes.elementsEqual(Self.commit) }
  /// The completion of `COMMIT`.
  var isCommitted: Bool { bytes.elementsEqual(Self.committed) }
  /// The server is ready for the next query.
  var isReady: Bool { bytes.first == UInt8(ascii: "Z") }

  private static let commit = [UInt8]("Q\0\0\0\u{b}COMMIT\0".utf8)
  private static let committed = [UInt8]("C\0\0\0\u{b}COMMIT\0".utf8)
}

/// Splits a stream of bytes into messages.
struct MessageReader {
  private var buffer: [UInt8] = []
  private var offset = 0
  private var hasLetter: Bool

  init(_ direction: Cut.Direction) { hasLetter = direction == .toClient }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    buffer.removeFirst(offset)
    offset = 0
    buffer += bytes
  }

  mutating func next() -> Message? {
    let start = offset + (hasLetter ? 1 : 0)
    guard buffer.count >= start + 4 else { return nil }
    let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    guard buffer.count >= start + length else { return nil }
    defer {
      offset = start + length
      hasLetter = true
    }
    return Message(bytes: Array(buffer[offset..<start + length]))
  }
}
