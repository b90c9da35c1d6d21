import Foundation
import Synchronization

/// A proxy between the sink and the server, on a Unix socket of its own. It cuts connections where a test orders it.
///
/// Each connection has a thread for each direction. The thread reads whole messages, decides about them and writes
/// them.
final class CuttingProxy: Sendable {
  /// The cuts that were made. Only one reader may use the stream.
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
  ///   - directory: The directory for the proxy's socket.
  ///   - url: A database of the server, reached through a Unix socket.
  init(in directory: String, to url: String) throws {
    self.directory = directory
    let host = url.firstRange(of: "host=").map { url[$0.upperBound...].prefix { $0 != "&" } }
    server = (host.flatMap { String($0).removingPercentEncoding } ?? "") + "/.s.PGSQL.5432"
    (cuts, continuation) = AsyncStream.makeStream()
    listener = try UnixSocket.listening(at: directory + "/.s.PGSQL.5432")
    Thread.detachNewThread { [self] in accept() }
  }

  /// The URL of a database through the proxy.
  func url(database: String) -> String {
    let host = directory.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? directory
    return "postgres://postgres@/\(database)?host=\(host)&port=5432"
  }

  /// Orders the next cut. It replaces an ordered cut that was not made yet.
  func arm(_ cut: Cut?) {
    state.withLock { $0.plan.cut = cut }
  }

  /// Cancels the ordered cut, and ends ``cuts``.
  func endCuts() {
    arm(nil)
    continuation.finish()
  }

  /// Sets whether new connections are closed at once.
  func refuse(_ refuses: Bool) {
    state.withLock { $0.refuses = refuses }
  }

  /// Sets whether all traffic is held back, also of new connections, as in a network that drops packets.
  func holdTraffic(_ isSilent: Bool) {
    silence.set(isSilent)
  }

  /// Closes the server side of all connections whose client side is cut.
  func closeHalfOpenLinks() {
    for link in state.withLock({ Array($0.links.values) }) where link.isHalf { link.cut() }
  }

  /// Cuts all open connections.
  func cutAll() {
    for link in state.withLock({ Array($0.links.values) }) { link.cut() }
  }

  /// Cuts all connections and accepts no more.
  func stop() {
    let links = state.withLock { state in
      state.isStopped = true
      return Array(state.links.values)
    }
    for link in links { link.cut() }
    silence.set(false)
    // Wakes the thread that accepts connections.
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

/// Holds traffic back while it is on.
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

/// A client's connection with the proxy's connection to the server.
private final class Link: Sendable {
  let client: UnixSocket
  let server: UnixSocket
  private let state = Mutex((isHalf: false, isRollingUp: false, directions: 2))

  init(client: UnixSocket, server: UnixSocket) {
    self.client = client
    self.server = server
  }

  /// Whether only the client side is cut.
  var isHalf: Bool { state.withLock { $0.isHalf } }

  /// Whether the current transaction rolls up, which a sink does in the background at any time.
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

  /// - Returns: Whether both directions have ended.
  func directionEnded() -> Bool {
    state.withLock { state in
      state.directions -= 1
      return state.directions == 0
    }
  }
}
