internal import Synchronization

/// A limited set of connections, which are opened when needed and kept for later use.
///
/// A connection is checked before it is lent: without a round trip if it was used a moment ago, and
/// with one if it was idle for longer. A connection that the server has closed is replaced. So
/// after a restart of the server, only statements that were running fail.
///
/// Call ``shutDown()`` at the end. Otherwise the connections close when the pool is released.
package final class PostgresPool: Sendable {
  /// The limits of a pool.
  package struct Limits: Sendable {
    /// The number of connections that are open at the same time; at least 1.
    package var maximum: Int
    /// The time to wait for a free connection before `poolExhausted`.
    package var waitTimeout: Duration
    /// The idle time after which a connection is checked with a round trip before it is lent.
    package var pingAfterIdle: Duration
    /// The time limit for that round trip.
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

  /// The numbers of idle and lent connections and of waiters, at one moment.
  package struct Occupancy: Sendable, Equatable {
    package var idle: Int
    package var leased: Int
    package var waiting: Int
  }

  struct State {
    var machine: PoolStateMachine
    /// The connections by slot, including those that are lent.
    var connections: [PoolStateMachine.Slot: PostgresConnection] = [:]
    var waiters: [PoolStateMachine.Waiter: CheckedContinuation<Admission, Never>] = [:]
    /// Decisions about waiters that are queued but not suspended yet.
    var early: [PoolStateMachine.Waiter: Admission] = [:]
    var waitingForDrain: [CheckedContinuation<Void, Never>] = []
    var lastWaiter = 0
  }

  package let configuration: PostgresConfiguration
  package let limits: Limits
  let clock: any Clock<Duration>
  let state: Mutex<State>

  /// Makes a pool.
  ///
  /// - Parameters:
  ///   - clock: Measures the wait for a free connection.
  ///   - isShutDown: Whether the pool is shut down from the start, as after ``shutDown()``.
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

  /// Lends a connection to `body`.
  ///
  /// If the connection comes back broken, with an open transaction, or from a server that accepts
  /// no writes, it is closed. After a failover, a new connection may reach another server.
  ///
  /// - Throws: `poolExhausted` if no connection became free in time; `poolClosed` after
  ///   ``shutDown()``; `connectionFailed`; or the error of `body`.
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

  /// Closes idle connections now, and lent ones when they come back. Waiting callers get
  /// `poolClosed`. Returns when all connections are closed, so this must not be called inside
  /// ``withConnection(_:)``.
  package func shutDown() async {
    let (closing, failing) = state.withLock { state in
      let shutdown = state.machine.shutDown()
      let closing = shutdown.closes.compactMap { state.connections.removeValue(forKey: $0) }
      return (closing, shutdown.fails.compactMap { state.takeContinuation($0, .closed) })
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
  /// Whether another caller may use the connection.
  fileprivate var isReusable: Bool { !isBroken && !isInTransaction }
}
