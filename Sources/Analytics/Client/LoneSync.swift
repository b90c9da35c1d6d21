import Dispatch
import Synchronization

/// Brings what is tracked to the device while no worker does: in a program that leaves storing to
/// others, or has not begun it yet.
///
/// Sendable since the timer is set up before anybody else sees it, and cancelling is safe anywhere.
final class LoneSync: @unchecked Sendable {
  private let timer: any DispatchSourceTimer
  private let borrowed: Mutex<Borrowed?>

  /// Held by its client, who ends the loan. Were it held here, a client could be cleaned up on the
  /// timer's queue, at any time later.
  private struct Borrowed: @unchecked Sendable {
    let core: Unmanaged<ClientCore>
  }

  init(_ core: ClientCore, every interval: Duration) {
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "analytics.sync.lone"))
    borrowed = Mutex(Borrowed(core: .passUnretained(core)))
    let seconds = interval / .seconds(1)
    timer.schedule(deadline: .now() + seconds, repeating: seconds)
    timer.setEventHandler { [weak self] in self?.sync() }
    timer.activate()
  }

  /// Waits for a sync under way.
  func end() {
    borrowed.withLock { $0 = nil }
    timer.cancel()
  }

  private func sync() {
    borrowed.withLock { borrowed in
      borrowed?.core._withUnsafeGuaranteedRef { core in
        // Nobody is there to be told; the next one tries again.
        if !core.hasWorker { try? core.buffer.syncAndUnmap() }
      }
    }
  }
}
