internal import CAnalyticsPQ
internal import Synchronization

/// Asks the server to cancel what a connection is doing.
///
/// `PQcancel` opens a connection of its own and blocks until the server has closed it, without
/// any time limit: with the network gone that takes minutes. It therefore gets a thread of its
/// own, and the connection's thread waits no longer than its grace.
final class CancelRequest: Sendable {
  /// libpq documents `PQcancel` as safe in another thread than the connection's.
  private struct Ticket: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let finished = Atomic(false)

  /// Whether the server has taken the request. Until then it may hit a later statement.
  var isFinished: Bool { finished.load(ordering: .acquiring) }

  /// - Parameter wake: Is signalled when the request is through.
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
