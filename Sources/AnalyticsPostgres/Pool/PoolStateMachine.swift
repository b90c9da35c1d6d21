/// The decisions of a pool, without connections, tasks or clocks.
///
/// A slot is a place for one connection. Each event returns the actions that follow. The pool
/// performs them outside the lock that protects this value. No connection is opened in the
/// background: the caller that needs one is told to open it, so a pool needs no task of its own.
/// (The idea of a state machine that returns actions is postgres-nio's.)
struct PoolStateMachine {
  typealias Slot = Int
  typealias Waiter = Int
  typealias Instant = ContinuousClock.Instant

  /// A check of the connection in a slot before it is used.
  enum Check: Equatable {
    /// The connection was in use a moment ago. Check without a round trip whether the server closed
    /// it.
    case probe
    /// The connection was idle for long. Check with a round trip.
    case ping
  }

  /// The permission to use a slot. Each one has to be returned by exactly one
  /// ``PoolStateMachine/release(_:isUsable:at:)``.
  enum Grant: Equatable {
    case use(Slot, Check)
    case open(Slot)
  }

  enum Acquisition: Equatable {
    case granted(Grant)
    case wait
    case closed
  }

  /// The actions that follow when a slot is returned.
  struct Release: Equatable {
    /// Whether to close the connection; otherwise it stays in its slot.
    var closes = false
    /// The waiter to resume, and its grant.
    var grant: (waiter: Waiter, grant: Grant)?
    /// Whether this was the last slot in use of a pool that was shut down.
    var isDrained = false

    static func == (left: Release, right: Release) -> Bool {
      left.closes == right.closes && left.isDrained == right.isDrained
        && left.grant?.waiter == right.grant?.waiter && left.grant?.grant == right.grant?.grant
    }
  }

  struct Shutdown: Equatable {
    var closes: [Slot] = []
    var fails: [Waiter] = []
    var isDrained = false
  }

  private struct Idle {
    var slot: Slot
    var since: Instant
  }

  private let maximum: Int
  private let pingAfterIdle: Duration
  /// Idle connections. The one used last is at the end and is lent first, so that surplus
  /// connections stay idle.
  private var idle: [Idle] = []
  private var leased: Set<Slot> = []
  /// The slots without a connection.
  private var empty: [Slot]
  private var waiting: [Waiter] = []
  private var isShutDown = false

  /// - Parameter maximum: The number of slots, at least 1.
  init(maximum: Int, pingAfterIdle: Duration) {
    precondition(maximum > 0, "a pool needs room for at least one connection")
    self.maximum = maximum
    self.pingAfterIdle = pingAfterIdle
    empty = Array((0..<maximum).reversed())
  }

  var isDrained: Bool { isShutDown && leased.isEmpty }
  var idleCount: Int { idle.count }
  var leasedCount: Int { leased.count }
  var waitingCount: Int { waiting.count }

  mutating func acquire(_ waiter: Waiter, at now: Instant) -> Acquisition {
    if isShutDown { return .closed }
    if let connection = idle.popLast() {
      leased.insert(connection.slot)
      let isOld = connection.since.duration(to: now) >= pingAfterIdle
      return .granted(.use(connection.slot, isOld ? .ping : .probe))
    }
    if let slot = empty.popLast() {
      leased.insert(slot)
      return .granted(.open(slot))
    }
    waiting.append(waiter)
    return .wait
  }

  /// Takes back a slot.
  ///
  /// - Parameter isUsable: Whether the slot's connection can serve another caller.
  mutating func release(_ slot: Slot, isUsable: Bool, at now: Instant) -> Release {
    precondition(leased.contains(slot), "a slot was returned twice")
    if isShutDown {
      leased.remove(slot)
      return Release(closes: true, isDrained: leased.isEmpty)
    }
    if !waiting.isEmpty {
      let grant: Grant = isUsable ? .use(slot, .probe) : .open(slot)
      return Release(closes: !isUsable, grant: (waiting.removeFirst(), grant))
    }
    leased.remove(slot)
    if isUsable {
      idle.append(Idle(slot: slot, since: now))
    } else {
      empty.append(slot)
    }
    return Release(closes: !isUsable)
  }

  /// Removes a waiter whose time is up or whose task was cancelled.
  ///
  /// - Returns: Whether it was still waiting. If not, it has been granted a slot.
  mutating func giveUp(_ waiter: Waiter) -> Bool {
    guard let position = waiting.firstIndex(of: waiter) else { return false }
    waiting.remove(at: position)
    return true
  }

  mutating func shutDown() -> Shutdown {
    isShutDown = true
    defer {
      idle = []
      waiting = []
    }
    return Shutdown(closes: idle.map(\.slot), fails: waiting, isDrained: leased.isEmpty)
  }
}
