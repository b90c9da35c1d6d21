internal import Synchronization

/// Says to others that something has ended.
package final class End: Sendable {
  private let state = Atomic(false)

  package init() {}

  package var isReached: Bool { state.load(ordering: .relaxed) }
  package func reach() { state.store(true, ordering: .relaxed) }
}
