internal import CAnalyticsPQ
internal import Synchronization

/// A request to the server to cancel the current statement of a connection.
///
/// `PQcancel` opens a connection of its own and blocks until the server has closed it, without any
/// time limit. If the network is down, that takes minutes. So it runs on a thread of its own, and
/// the connection's thread waits for ``LibpqSession/grace`` at most.
final class CancelRequest: Sendable {
  /// A `PGcancel`, which is a copy of what is needed to reach the server. Unchecked: only the new
  /// thread uses it and frees it, and libpq documents `PQcancel` as safe on another thread than the
  /// connection's.
  private struct Ticket: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let finished = Atomic(false)

  /// Whether the server has received the request. Until then it may cancel a later statement.
  var isFinished: Bool { finished.load(ordering: .acquiring) }

  /// Starts the request.
  ///
  /// - Parameter wake: Signalled when the request is finished.
  init(_ connection: OpaquePointer, wake: WakePipe) {
    guard let pointer = PQgetCancel(connection) else {
      finished.store(true, ordering: .releasing)
      return
    }
    let ticket = Ticket(pointer: pointer)
    LibraryThread.willEnd()
    LibraryThread.start(name: "pq-cancel") {
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
        _ = PQcancel(ticket.pointer, message.baseAddress, Int32(message.count))
      }
      PQfreeCancel(ticket.pointer)
      self.finished.store(true, ordering: .releasing)
      wake.signal()
    }
  }
}
