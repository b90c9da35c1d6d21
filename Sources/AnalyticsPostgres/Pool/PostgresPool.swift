internal import Synchronization

/// A bounded set of connections that are opened when needed and kept for the next.
///
/// A connection is looked at before it is lent: cheaply when it was used a moment ago, with a
/// round trip when it was idle for longer. One that the server has closed is replaced by a new one,
/// so a restart of the server costs at most an error for the statements that were under way.
///
/// Call ``shutDown()`` in the end; without it the connections close when the pool goes.
package final class PostgresPool: Sendable {
  /// The limits of a pool.
  package struct Limits: Sendable {
    /// Connections open at the same time, at least 1.
    package var maximum: Int
    /// How long to wait for a free connection before `poolExhausted`.
    package var waitTimeout: Duration
    /// Idle for longer than this, a connection is tried with a round trip before it is lent.
    package var pingAfterIdle: Duration
    /// How long that round trip may take.
    package var pingDeadline: Duration

    package init(
      maximum: Int = 4, waitTimeout: Duration = .seconds(10),
      pingAfterIdle: Duration = .seconds(30), pingDeadline: Duration = .seconds(5)
    ) {
      self.maximum = maximum
      self.waitTimeout = waitTimeout
      self.pingAfterIdle = pingAfterIdle
      self.pingDeadline = pingDeadline
    }
  }

  /// What the pool holds at a moment.
  package struct Occupancy: Sendable, Equatable {
    package var idle: Int
    package var leased: Int
    package var waiting: Int
  }

  struct State {
    var machine: PoolStateMachine
    /// By slot; a slot that is leased has its connection here also.
    var connections: [PoolStateMachine.Slot: PostgresConnection] = [:]
    var waiters: [PoolStateMachine.Waiter: CheckedContinuation<Admission, Never>] = [:]
    /// Decisions about waiters that have queued but not yet gone to sleep.
    var early: [PoolStateMachine.Waiter: Admission] = [:]
    var waitingForDrain: [CheckedContinuation<Void, Never>] = []
    var lastWaiter = 0
  }

  package let configuration: PostgresConfiguration
  package let limits: Limits
  let clock: any Clock<Duration>
  let state: Mutex<State>

  /// - Parameters:
  ///   - clock: Measures the wait for a free connection.
  ///   - isShutDown: Whether it lends nothing, as after ``shutDown()``.
  package init(
    _ configuration: PostgresConfiguration, limits: Limits = Limits(),
    clock: any Clock<Duration> = .continuous, isShutDown: Bool = false
  ) {
    self.configuration = configuration
    self.limits = limits
    self.clock = clock
    var machine = PoolStateMachine(
      maximum: limits.maximum, pingAfterIdle: limits.pingAfterIdle)
    if isShutDown { _ = machine.shutDown() }
    state = Mutex(State(machine: machine))
  }

  package convenience init(_ configuration: PostgresConfiguration, maximum: Int) {
    self.init(configuration, limits: Limits(maximum: maximum))
  }

  package var occupancy: Occupancy {
    state.withLock { state in
      Occupancy(
        idle: state.machine.idleCount, leased: state.machine.leasedCount,
        waiting: state.machine.waitingCount)
    }
  }

  /// Lends a connection, for `body` alone.
  ///
  /// A connection that comes back broken, with an open transaction or from a server that takes no
  /// writes is closed: after a failover the next one may lead elsewhere.
  ///
  /// - Throws: `poolExhausted` when none became free in time, `poolClosed` after ``shutDown()``,
  ///   `connectionFailed`, or what `body` throws.
  package func withConnection<Result>(
    _ body: (PostgresConnection) async throws -> Result
  ) async throws -> Result {
    let (slot, connection) = try await lend()
    do {
      let result = try await body(connection)
      await takeBack(slot, connection)
      return result
    } catch {
      if (error as? PostgresError)?.sqlState == .readOnlyTransaction { await connection.close() }
      await takeBack(slot, connection)
      throw error
    }
  }

  /// Closes all idle connections now and those in use when they come back; who waits for one gets
  /// `poolClosed`. Returns when all are closed, so it must not be called inside
  /// ``withConnection(_:)``.
  package func shutDown() async {
    let (closing, failing) = state.withLock { state in
      let shutdown = state.machine.shutDown()
      let closing = shutdown.closes.compactMap { state.connections.removeValue(forKey: $0) }
      return (closing, shutdown.fails.compactMap { state.sleeper($0, .closed) })
    }
    for continuation in failing { continuation.resume(returning: .closed) }
    for connection in closing { await connection.close() }
    await drained()
  }

  private func drained() async {
    await withCheckedContinuation { continuation in
      let isDrained = state.withLock { state in
        if !state.machine.isDrained { state.waitingForDrain.append(continuation) }
        return state.machine.isDrained
      }
      if isDrained { continuation.resume() }
    }
  }

  private func takeBack(_ slot: PoolStateMachine.Slot, _ connection: PostgresConnection) async {
    await release(slot, isUsable: connection.isReusable)
  }
}

extension PostgresConnection {
  /// Whether somebody else may go on with it.
  fileprivate var isReusable: Bool { !isBroken && !isInTransaction }
}
