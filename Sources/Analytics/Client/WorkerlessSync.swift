import Dispatch
import Synchronization

/// Syncs the buffer to the device at intervals while no worker runs: in a program that leaves
/// storing to other processes, or has not started its worker yet.
///
/// `@unchecked Sendable` because of `timer`: it is configured in `init` before the object is
/// shared, and afterwards only cancelled, which is safe from any thread. `borrowed` is guarded by
/// its mutex.
final class WorkerlessSync: @unchecked Sendable {
  private let timer: any DispatchSourceTimer
  private let borrowed: Mutex<Borrowed?>

  /// An unretained reference to the core. Unchecked: it is used only while the mutex of `borrowed`
  /// is held.
  ///
  /// `ClientCore.deinit` calls ``WorkerlessSync/end()``, which takes the same mutex and clears the
  /// reference. So the core is alive whenever the reference is found. A strong reference could make
  /// the timer's queue the one that releases the core last, and run its cleanup there at any later
  /// time.
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

  /// Ends the timer, after waiting for a sync in progress.
  func end() {
    borrowed.withLock { $0 = nil }
    timer.cancel()
  }

  private func sync() {
    borrowed.withLock { borrowed in
      borrowed?.core._withUnsafeGuaranteedRef { core in
        // There is no caller to report an error to; the next run tries again.
        if !core.hasWorker { try? core.buffer.syncAndUnmap() }
      }
    }
  }
}
