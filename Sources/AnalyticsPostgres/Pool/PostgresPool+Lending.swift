internal import Synchronization

/// The result of a wait for a connection.
enum Admission {
  case granted(PoolStateMachine.Grant)
  case timedOut
  case cancelled
  case closed
}

extension PostgresPool {
  typealias Slot = PoolStateMachine.Slot
  typealias Waiter = PoolStateMachine.Waiter

  /// Returns a working connection and its slot, which has to be released.
  func lend() async throws(PostgresError) -> (Slot, PostgresConnection) {
    let grant = try await admission()
    switch grant {
    case .open(let slot):
      return (slot, try await open(slot))
    case .use(let slot, let check):
      if let connection = state.withLock({ $0.connections[slot] }) {
        if await isHealthy(connection, check) { return (slot, connection) }
        await connection.close()
      }
      return (slot, try await open(slot))
    }
  }

  private func open(_ slot: Slot) async throws(PostgresError) -> PostgresConnection {
    do throws(PostgresError) {
      let connection = try await PostgresConnection.connect(configuration)
      state.withLock { $0.connections[slot] = connection }
      return connection
    } catch {
      await release(slot, isUsable: false)
      throw error
    }
  }

  private func isHealthy(
    _ connection: PostgresConnection, _ check: PoolStateMachine.Check
  ) async -> Bool {
    guard await connection.probe() else { return false }
    guard check == .ping else { return true }
    return (try? await connection.query("", deadline: limits.pingDeadline)) != nil
  }

  func release(_ slot: Slot, isUsable: Bool) async {
    let (closing, resumed, drained) = state.withLock { state in
      let release = state.machine.release(slot, isUsable: isUsable, at: .now)
      let closing = release.closes ? state.connections.removeValue(forKey: slot) : nil
      let resumed = release.grant.flatMap { waiter, grant in
        state.takeContinuation(waiter, .granted(grant)).map { ($0, grant) }
      }
      defer { if release.isDrained { state.waitingForDrain = [] } }
      return (closing, resumed, release.isDrained ? state.waitingForDrain : [])
    }
    await closing?.close()
    if let (waiter, grant) = resumed { waiter.resume(returning: .granted(grant)) }
    for continuation in drained { continuation.resume() }
  }
}

// MARK: - Waiting

extension PostgresPool {
  private func admission() async throws(PostgresError) -> PoolStateMachine.Grant {
    let waiter = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    switch await admission(waiter) {
    case .granted(let grant):
      return grant
    case .closed:
      throw PostgresError(
        .poolClosed, "the connection pool is shut down", destination: configuration.destination)
    case .cancelled:
      throw Interruption.cancelled.error(destination: configuration.destination)
    case .timedOut:
      throw PostgresError(
        .poolExhausted,
        "none of the pool's \(limits.maximum) connections became free within \(limits.waitTimeout)",
        destination: configuration.destination)
    }
  }

  /// Tries at once. Waits in a task group with a timer only if no slot is available.
  private func admission(_ waiter: Waiter) async -> Admission {
    if Task.isCancelled { return .cancelled }
    let attempt = state.withLock { state in state.machine.acquire(waiter, at: .now) }
    switch attempt {
    case .granted(let grant): return .granted(grant)
    case .closed: return .closed
    case .wait: break
    }
    return await withTaskGroup(of: Admission?.self) { group in
      group.addTask { await self.turn(of: waiter) }
      group.addTask {
        // The task is cancelled as soon as the waiter has a result.
        do { try await self.clock.sleep(for: self.limits.waitTimeout) } catch { return nil }
        self.dismiss(waiter, .timedOut)
        return nil
      }
      // The timer only asks to end the wait. A grant that came just before it must not be lost, so
      // the waiter's own result decides.
      for await case let admission? in group {
        group.cancelAll()
        return admission
      }
      return .cancelled
    }
  }

  private func turn(of waiter: Waiter) async -> Admission {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let early = state.withLock { state in
          let early = state.early.removeValue(forKey: waiter)
          if early == nil { state.waiters[waiter] = continuation }
          return early
        }
        if let early { continuation.resume(returning: early) }
      }
    } onCancel: {
      dismiss(waiter, .cancelled)
    }
  }

  private func dismiss(_ waiter: Waiter, _ admission: Admission) {
    let continuation = state.withLock { state in
      state.machine.giveUp(waiter) ? state.takeContinuation(waiter, admission) : nil
    }
    continuation?.resume(returning: admission)
  }
}

extension PostgresPool.State {
  /// Removes the continuation of a waiter that is to be resumed. If the waiter is not suspended
  /// yet, stores the decision for it.
  mutating func takeContinuation(
    _ waiter: PoolStateMachine.Waiter, _ admission: Admission
  ) -> CheckedContinuation<Admission, Never>? {
    let continuation = waiters.removeValue(forKey: waiter)
    if continuation == nil { early[waiter] = admission }
    return continuation
  }
}
