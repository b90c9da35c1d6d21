import Foundation
import Synchronization

/// Stands between the sink and the server on a Unix socket of its own, and cuts connections where
/// it is told to.
///
/// Each connection has two threads, one for each direction, that read, judge whole messages, and
/// write.
final class CuttingProxy: Sendable {
  /// Says so after each cut. For one reader.
  let cuts: AsyncStream<Cut>
  private let continuation: AsyncStream<Cut>.Continuation
  private let directory: String
  private let server: String
  private let listener: UnixSocket
  private let state = Mutex(State())
  private let silence = Silence()

  private struct State {
    var plan = CutPlan()
    var isStopped = false
    var refuses = false
    var links: [ObjectIdentifier: Link] = [:]
  }

  /// - Parameters:
  ///   - directory: Where its socket goes.
  ///   - url: A database of the server, reached by a Unix socket.
  init(in directory: String, to url: String) throws {
    self.directory = directory
    let host = url.firstRange(of: "host=").map { url[$0.upperBound...].prefix { $0 != "&" } }
    server = (host.flatMap { String($0).removingPercentEncoding } ?? "") + "/.s.PGSQL.5432"
    (cuts, continuation) = AsyncStream.makeStream()
    listener = try UnixSocket.listening(at: directory + "/.s.PGSQL.5432")
    Thread.detachNewThread { [self] in accept() }
  }

  /// The way to a database through the proxy.
  func url(database: String) -> String {
    let host = directory.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? directory
    return "postgres://postgres@/\(database)?host=\(host)&port=5432"
  }

  /// Orders the next cut, in place of one that was ordered before and has not come yet.
  func arm(_ cut: Cut?) {
    state.withLock { $0.plan.cut = cut }
  }

  /// Orders no more cuts, and ends ``cuts``.
  func endCuts() {
    arm(nil)
    continuation.finish()
  }

  /// Whether new connections are cut at once.
  func refuse(_ refuses: Bool) {
    state.withLock { $0.refuses = refuses }
  }

  /// Whether everything that comes, also from new connections, is kept back, as in a network that
  /// swallows packets.
  func holdTraffic(_ isSilent: Bool) {
    silence.set(isSilent)
  }

  /// Tells the server of all clients that it does not know to be gone.
  func closeHalfOpenLinks() {
    for link in state.withLock({ Array($0.links.values) }) where link.isHalf { link.cut() }
  }

  /// Cuts all connections that there are.
  func cutAll() {
    for link in state.withLock({ Array($0.links.values) }) { link.cut() }
  }

  /// Cuts all connections and takes no more.
  func stop() {
    let links = state.withLock { state in
      state.isStopped = true
      return Array(state.links.values)
    }
    for link in links { link.cut() }
    silence.set(false)
    // Wakes the thread that accepts.
    _ = try? UnixSocket.connected(to: directory + "/.s.PGSQL.5432")
    continuation.finish()
  }

  private func accept() {
    while let client = listener.accept() {
      if state.withLock({ $0.isStopped }) { return }
      if state.withLock({ $0.refuses }) { continue }
      guard let server = try? UnixSocket.connected(to: server) else { continue }
      let link = Link(client: client, server: server)
      state.withLock { $0.links[ObjectIdentifier(link)] = link }
      for direction in Cut.Direction.allCases {
        Thread.detachNewThread { [self] in
          pump(link, direction)
          if link.directionEnded() {
            state.withLock { _ = $0.links.removeValue(forKey: ObjectIdentifier(link)) }
          }
        }
      }
    }
  }

  private func pump(_ link: Link, _ direction: Cut.Direction) {
    let (source, target) =
      direction == .toServer ? (link.client, link.server) : (link.server, link.client)
    var reader = MessageReader(direction)
    while let bytes = source.read() {
      silence.waitForEnd()
      reader.append(bytes)
      while let message = reader.next() {
        if direction == .toServer { link.note(message) }
        let verdict = state.withLock {
          $0.plan.judge(message, direction, isRollingUp: link.isRollingUp)
        }
        let passes = target.write(message.bytes.prefix(verdict.passes))
        if let cut = verdict.cut {
          if cut == .beforeCommitUnnoticed { link.cutClient() } else { link.cut() }
          continuation.yield(cut)
          return
        }
        guard passes else { return link.cut() }
      }
    }
    if !link.isHalf { link.cut() }
  }
}

/// A time in which nothing is passed on.
private final class Silence: @unchecked Sendable {
  private let condition = NSCondition()
  private var isOn = false

  func set(_ isOn: Bool) {
    condition.withLock {
      self.isOn = isOn
      condition.broadcast()
    }
  }

  func waitForEnd() {
    condition.withLock { while isOn { condition.wait() } }
  }
}

/// A client and its connection to the server.
private final class Link: Sendable {
  let client: UnixSocket
  let server: UnixSocket
  private let state = Mutex((isHalf: false, isRollingUp: false, directions: 2))

  init(client: UnixSocket, server: UnixSocket) {
    self.client = client
    self.server = server
  }

  /// Whether only the client has been cut off.
  var isHalf: Bool { state.withLock { $0.isHalf } }

  /// Whether its transaction is one of those that a sink begins by itself, whenever it likes.
  var isRollingUp: Bool { state.withLock { $0.isRollingUp } }

  func note(_ message: Message) {
    if message.isBegin { state.withLock { $0.isRollingUp = false } }
    if message.rollsUp { state.withLock { $0.isRollingUp = true } }
  }

  func cut() {
    client.shutDown()
    server.shutDown()
  }

  func cutClient() {
    state.withLock { $0.isHalf = true }
    client.shutDown()
  }

  /// - Returns: whether it was the last.
  func directionEnded() -> Bool {
    state.withLock { state in
      state.directions -= 1
      return state.directions == 0
    }
  }
}
