@testable import AnalyticsPostgres
import Testing

@Suite("The pool's decisions")
struct PoolStateMachineTests {
  private let start = ContinuousClock.now
  private var machine = PoolStateMachine(maximum: 2, pingAfterIdle: .seconds(30))

  @Test("connections are opened up to the maximum, then callers wait")
  func bounds() {
    var machine = machine
    #expect(machine.acquire(1, at: start) == .granted(.open(0)))
    #expect(machine.acquire(2, at: start) == .granted(.open(1)))
    #expect(machine.acquire(3, at: start) == .wait)
    #expect(machine.leasedCount == 2)
    #expect(machine.waitingCount == 1)
  }

  @Test("a returned connection goes to the longest waiter")
  func fairness() {
    var machine = full(waiters: [3, 4])
    let first = machine.release(1, isUsable: true, at: start)
    #expect(first == .init(grant: (3, .use(1, .probe))))
    let second = machine.release(0, isUsable: true, at: start)
    #expect(second == .init(grant: (4, .use(0, .probe))))
  }

  @Test("if a connection breaks, the next waiter opens a new one")
  func broken() {
    var machine = full(waiters: [3])
    let release = machine.release(0, isUsable: false, at: start)
    #expect(release == .init(closes: true, grant: (3, .open(0))))
    #expect(machine.release(0, isUsable: false, at: start) == .init(closes: true))
    #expect(machine.acquire(4, at: start) == .granted(.open(0)))
  }

  @Test("the connection used last is lent first, and a connection that was idle for long is pinged")
  func idle() {
    var machine = full(waiters: [])
    #expect(machine.release(0, isUsable: true, at: start) == .init())
    let later = start.advanced(by: .seconds(20))
    #expect(machine.release(1, isUsable: true, at: later) == .init())
    let muchLater = start.advanced(by: .seconds(31))
    #expect(machine.acquire(5, at: muchLater) == .granted(.use(1, .probe)))
    #expect(machine.acquire(6, at: muchLater) == .granted(.use(0, .ping)))
    #expect(machine.idleCount == 0)
  }

  @Test("a waiter can give up once, and not after it was served")
  func givingUp() {
    var machine = full(waiters: [3, 4])
    #expect(machine.giveUp(3) == true)
    #expect(machine.giveUp(3) == false)
    #expect(
      machine.release(0, isUsable: true, at: start) == .init(grant: (4, .use(0, .probe))))
    #expect(machine.giveUp(4) == false)
  }

  @Test("after a shutdown no waiter is served, and returned connections are closed")
  func shutdown() {
    var machine = full(waiters: [3])
    #expect(machine.shutDown() == .init(closes: [], fails: [3], isDrained: false))
    #expect(machine.acquire(4, at: start) == .closed)
    #expect(machine.release(0, isUsable: true, at: start) == .init(closes: true))
    #expect(!machine.isDrained)
    #expect(
      machine.release(1, isUsable: true, at: start) == .init(closes: true, isDrained: true))
    #expect(machine.isDrained)
  }

  @Test("a shutdown closes idle connections")
  func shutdownIdle() {
    var machine = full(waiters: [])
    _ = machine.release(0, isUsable: true, at: start)
    _ = machine.release(1, isUsable: true, at: start)
    #expect(machine.shutDown() == .init(closes: [0, 1], fails: [], isDrained: true))
  }

  @Test("in any sequence of operations no slot is lent twice and none is lost")
  func randomWalk() {
    var machine = PoolStateMachine(maximum: 3, pingAfterIdle: .seconds(30))
    var random = SystemRandomNumberGenerator()
    var leased: Set<Int> = []
    var waiting: [Int] = []
    func slot(of grant: PoolStateMachine.Grant) -> Int {
      switch grant {
      case .open(let slot), .use(let slot, _): slot
      }
    }
    for waiter in 0..<10_000 {
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        switch machine.acquire(waiter, at: start) {
        case .granted(let grant): #expect(leased.insert(slot(of: grant)).inserted)
        case .wait: waiting.append(waiter)
        case .closed: Issue.record("the pool was not shut down")
        }
      case 2, 3:
        guard let slot0 = leased.randomElement() else { continue }
        leased.remove(slot0)
        let release = machine.release(slot0, isUsable: Bool.random(), at: start)
        if let (served, grant) = release.grant {
          #expect(served == waiting.removeFirst())
          #expect(leased.insert(slot(of: grant)).inserted)
        }
      default:
        guard let waiter = waiting.randomElement() else { continue }
        #expect(machine.giveUp(waiter) == true)
        waiting.removeAll { $0 == waiter }
      }
      #expect(machine.leasedCount == leased.count)
      #expect(waiting.isEmpty || leased.count == 3)
    }
  }

  private func full(waiters: [Int]) -> PoolStateMachine {
    var machine = machine
    for waiter in [-2, -1] + waiters { _ = machine.acquire(waiter, at: start) }
    return machine
  }
}
