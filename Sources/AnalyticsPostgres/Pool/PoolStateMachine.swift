/// Decides what a pool does; knows no connections, tasks or clocks.
///
/// A slot is a place for one connection. Each event returns what is to be done, which happens
/// outside the lock that protects this value. Nobody opens a connection in the background: who
/// needs one is told to open it, so a pool needs no task of its own. (The idea of a machine that
/// returns actions is postgres-nio's.)
struct PoolStateMachine {
  typealias Slot = Int
  typealias Waiter = Int
  typealias Instant = ContinuousClock.Instant

  /// What to do with the connection in a slot before it is used.
  enum Check: Equatable {
    /// It was in use a moment ago: see whether the server hung up, without a round trip.
    case probe
    /// It was idle for long: ask the server.
    case ping
  }

  /// A leave to use a slot, to be given back by exactly one ``PoolStateMachine/release(_:isUsable:at:)``.
  enum Grant: Equatable {
    case use(Slot, Check)
    case open(Slot)
  }

  enum Acquisition: Equatable {
    case granted(Grant)
    case wait
    case closed
  }

  /// What follows from a slot coming back.
  struct Release: Equatable {
    /// Whether the connection is to be closed; else it stays in its slot.
    var closes = false
    /// Who is to be resumed, with what.
    var grant: (waiter: Waiter, grant: Grant)?
    /// Whether that was the last one of a pool that was shut down.
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
  /// The one used last comes first, so that those too many grow old.
  private var idle: [Idle] = []
  private var leased: Set<Slot> = []
  /// Slots without a connection.
  private var empty: [Slot]
  private var waiting: [Waiter] = []
  private var isShutDown = false

  /// - Parameter maximum: At least 1.
  init(maximum: Int, pingAfterIdle: Duration) {
    precondition(maximum > 0, "a pool needs room for one connection")
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

  /// - Parameter isUsable: Whether there is a connection in the slot that can serve another.
  mutating func release(_ slot: Slot, isUsable: Bool, at now: Instant) -> Release {
    precondition(leased.contains(slot), "a slot was given back twice")
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

  /// A waiter's time is up, or its task was cancelled.
  ///
  /// - Returns: Whether it was still waiting; if not, it has been given a slot.
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
