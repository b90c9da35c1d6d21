internal import Synchronization

/// Tells other threads to stop.
package final class StopFlag: Sendable {
  private let state = Atomic(false)

  package init() {}

  package var isSet: Bool { state.load(ordering: .relaxed) }
  package func set() { state.store(true, ordering: .relaxed) }
}
