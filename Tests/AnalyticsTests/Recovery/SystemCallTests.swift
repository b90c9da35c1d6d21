import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("A system call of the spool that fails", .timeLimit(.minutes(60)))
struct SystemCallTests {
  private static let segmentBytes = 64 << 10
  private static let recoverable = 60

  /// A service in a single thread, so that its system calls have the same numbers each time. It starts, adopts the
  /// spool of a dead process, tracks, syncs, stores and ends.
  private struct Life {
    let directory: String
    let isSynchronous: Bool
    /// The padding of each event. A synchronous service has few events, because each waits for the device.
    private var padding: String { String(repeating: "p", count: isSynchronous ? 9_000 : 900) }
    private func count(_ durable: Int) -> Int { isSynchronous ? durable / 10 : durable }
    var sink: [StoredEvent] = []
    var acknowledged: [Int] = []
    var refused = 0
    var number = 0
    var startError: AnalyticsError?
    var accounting = EventAccounting()

    init(in directory: String, isSynchronous: Bool) {
      (self.directory, self.isSynchronous) = (directory, isSynchronous)
    }

    func start() throws -> AnalyticsClient {
      var configuration = AnalyticsConfiguration.durable(in: directory, segmentBytes: segmentBytes)
      if isSynchronous {
        configuration.buffer = .synchronous(directory: directory, limitBytes: 16 << 20)
      }
      return try AnalyticsClient(configuration, sink: UnusedSink(destination: "memory"))
    }

    /// - Parameters:
    ///   - heal: Called before the steps in which every call must succeed.
    ///   - end: Called before the last steps, in which calls may fail again.
    mutating func run(_ heal: () -> Void, end: () -> Void) throws {
      let client: AnalyticsClient
      do { client = try start() } catch let error as AnalyticsError {
        startError = error
        heal()
        client = try start()
      }
      let buffer = try #require(client.core?.buffer)
      step { _ = try buffer.adopt() }
      for round in 0..<3 {
        track(count(150), with: client)
        step { try buffer.syncAndUnmap() }
        step { try buffer.prepareSegments() }
        try store(from: buffer, batches: round + 1)
      }
      heal()
      step { _ = try buffer.adopt() }
      track(count(150), with: client)
      try store(from: buffer, batches: .max)
      try buffer.prepareSegments()
      try buffer.syncAndUnmap()
      let before = refused
      track(count(50), with: client)
      #expect(refused == before, "every event is accepted again")
      try store(from: buffer, batches: .max)
      end()
      buffer.removeDrainedSegments()
      accounting = client.accounting
    }

    /// Runs a step whose errors spool maintenance would log, and try again later.
    private func step(_ body: () throws -> Void) {
      do { try body() } catch {
        #expect(!"\(error)".contains("\n") && "\(error)".hasPrefix("cannot "))
      }
    }

    private mutating func track(_ count: Int, with client: AnalyticsClient) {
      for _ in 0..<count {
        number += 1
        switch client.track(Numbered(number: number, padding: padding)) {
        case nil: acknowledged.append(number)
        case .unavailable: refused += 1
        case let reason?: Issue.record("dropped as \(reason)")
        }
      }
    }

    private mutating func store(from buffer: EventBuffer, batches: Int) throws {
      var failures = 0
      var left = batches
      while left > 0 {
        do {
          guard let batch = try buffer.nextBatch(rowsMax: 40, bytesMax: .max) else { return }
          batch.forEachRow { sink.append(StoredEvent($0)) }
          buffer.settle(batch, EventReceipt(stored: batch.rowCount))
          buffer.release(batch)
          left -= 1
        } catch {
          failures += 1
          if failures > 3 { return }
        }
      }
    }
  }

  private func withLeftovers(_ body: (_ directory: String) async throws -> Void) async throws {
    try await withTemporaryDirectory(inMemory: true) { left in
      try await DeadProcess.leave(in: left, segmentBytes: Self.segmentBytes) { client in
        for number in 0..<Self.recoverable { client.track(Numbered(number: -number - 1)) }
      }
      try await body(left)
    }
  }

  /// Whether any process holds one of the locks in a directory. It does not take a lock, because other processes would
  /// notice that.
  private func isLocked(_ directory: String) -> Bool {
    let locks = (try? String(contentsOfFile: "/proc/locks", encoding: .utf8)) ?? ""
    return contents(of: directory).contains { name in
      var status = stat()
      guard name.hasSuffix("/lock"), stat("\(directory)/\(name)", &status) == 0 else {
        return false
      }
      let (major, minor) = (status.st_dev >> 8 & 0xFFF, status.st_dev & 0xFF)
      return locks.contains(
        String(format: " %02x:%02x:%lu ", UInt32(major), UInt32(minor), status.st_ino))
    }
  }

  /// Runs the service once with failing calls, and checks that no accepted event is lost or doubled.
  private func live(
    _ left: String, isSynchronous: Bool, _ fails: @escaping @Sendable (SystemCall, Int) -> Int32?
  ) async throws -> (failed: [SystemCall], mayFail: [(number: Int, call: SystemCall)]) {
    try await withTemporaryDirectory(inMemory: true) { root in
      let directory = root + "/spool"
      try FileManager.default.copyItem(atPath: left, toPath: directory)
      let plan = SystemFaultPlan(below: root)
      defer { plan.end() }
      plan.fail(fails)
      var life = Life(in: directory, isSynchronous: isSynchronous)
      var calm = 0..<0
      try life.run {
        plan.fail { _, _ in nil }
        calm = plan.calls.count..<Int.max
      } end: {
        plan.fail(fails)
        calm = calm.lowerBound..<plan.calls.count
      }
      let calls = plan.calls
      let what: Comment = "\(plan.failed.first?.rawValue ?? "nothing") fails"

      if let error = life.startError {
        #expect(error.code == .spoolUnusable, what)
        #expect("\(error)".contains(directory) && !"\(error)".contains("\n"), what)
      }
      let numbers = life.sink.compactMap(\.number)
      #expect(Set(numbers).count == numbers.count, "\(what) and an event is doubled")
      #expect(Set(numbers).isSuperset(of: life.acknowledged), "\(what) and an event is lost")
      #expect(Set(numbers).isSuperset(of: (1...Self.recoverable).map { -$0 }), what)
      if !isSynchronous { #expect(numbers.count == life.acknowledged.count + Self.recoverable) }
      let books = life.accounting
      #expect(books.isBalanced && books.pending == 0, what)
      #expect(books.tracked == life.number && books.recovered == Self.recoverable, what)
      #expect(books.stored == numbers.count && books.duplicates == 0, what)
      if !isSynchronous { #expect(books.dropped[.unavailable] ?? 0 == life.refused, what) }
      // The next start removes the directories that this run could not remove. It must wait for their locks: a process
      // that another test starts holds them until its exec.
      plan.fail { _, _ in nil }
      try await until { !isLocked(directory) }
      do { _ = try Life(in: directory, isSynchronous: false).start().core?.buffer.adopt() }
      #expect(contents(of: directory).isEmpty, what)
      let mayFail = calls.enumerated().filter { !calm.contains($0.offset) }
      return (plan.failed, mayFail.map { ($0.offset + 1, $0.element) })
    }
  }

  @Test(
    "once, at any call, loses and doubles no accepted event, and does not affect later events",
    arguments: [false, true])
  func eachOnce(isSynchronous: Bool) async throws {
    try await withLeftovers { left in
      let (_, calls) = try await live(left, isSynchronous: isSynchronous) { _, _ in nil }
      // All other calls are the same in both modes.
      let isTried: Set<SystemCall> =
        isSynchronous ? [.syncMemory, .syncDirectory] : Set(SystemCall.allCases)
      var failed: [String: Int] = [:]
      for (number, call) in calls where isTried.contains(call) {
        let found = try await live(left, isSynchronous: isSynchronous) { made, count in
          count == number ? made.errors[number % made.errors.count] : nil
        }.failed
        // A thread that moves to another processor uses another segment, and makes a few more calls.
        #expect(found.count <= 1)
        for call in found { failed[call.rawValue, default: 0] += 1 }
      }
      print("failed, once each: \(failed)")
      #expect(failed.values.reduce(0, +) > 20)
    }
  }

  @Test("for a while, at all calls of one kind: events that are not accepted count as unavailable")
  func forAWhile() async throws {
    try await withLeftovers { left in
      for call in SystemCall.allCases {
        for code in call.errors {
          for start in [0, 40, 80] {
            _ = try await live(left, isSynchronous: false) { made, number in
              made == call && number > start ? code : nil
            }
          }
        }
      }
    }
  }

  @Test("while a directory is listed is an error, because an incomplete list would look complete")
  func halfAList() async throws {
    try await withTemporaryDirectory { directory in
      let names = (0..<5).map { "\($0)" }
      for name in names { try SpoolFile.write([], to: directory + "/" + name) }
      #expect(try Directory.names(in: directory) == names)
      let plan = SystemFaultPlan(below: directory)
      defer { plan.end() }
      // The five files, the entries . and .., and the end of the list.
      for place in 1...8 {
        let start = plan.calls.count
        plan.fail { call, number in
          call == .readEntry && number == start + 1 + place ? EIO : nil
        }
        #expect(throws: SystemError.self, "\(place)") { try Directory.names(in: directory) }
      }
      plan.fail { _, _ in nil }
      #expect(try Directory.names(in: directory) == names)
    }
  }
}
