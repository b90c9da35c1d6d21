import Analytics
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import LocalPostgres
import Synchronization
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

extension OneAtATime {
  @Suite("Telemetry of processes that are killed", .timeLimit(.minutes(60)))
  struct TelemetryFaultTests {
    /// Twelve kills in a round; `ANALYTICS_FAULT_ROUNDS` sets more rounds.
    private static let kills =
      12 * (ProcessInfo.processInfo.environment["ANALYTICS_FAULT_ROUNDS"].flatMap(Int.init) ?? 1)

    @Test(
      "two replicas count, a third process collects, a fourth receives, any of them and the database are killed: what arrives is what was counted"
    )
    func killed() async throws {
      var random = SeededGenerator.printingSeed()
      try await withServer { server, url in
        try await server.createDatabase(name: "collector")
        let collector = server.url(database: "collector")
        try await migrate(collector)
        try await withTemporaryDirectory { directory in
          let port = try Self.freePort(using: &random)
          let processes = Processes(
            directory: directory, url: url, collector: collector, port: port)
          defer { processes.killAll() }
          // Telemetry reports only periods that begin after it was turned on.
          try processes.start(.sender)
          try await processes.until {
            try await withConnection(url) {
              try await $0.query(
                """
                SELECT EXISTS (SELECT FROM analytics_usage_periods, analytics_telemetry
                               WHERE ended_at IS NULL AND id > on_after)
                """
              ).only().decode(Bool.self, at: 0)
            }
          }
          for role in [Role.receiver, .replica(0), .replica(1)] { try processes.start(role) }
          for _ in 0..<Self.kills {
            let role = random.pick([Role.replica(0), .replica(1), .sender, .receiver, nil])
            // Some requests are counted between two kills.
            let before = processes.flushed
            let more = random.number(1...20)
            try await processes.until { processes.flushed > before + more }
            if let role {
              processes.kill(role)
              try processes.start(role)
            } else {
              try await server.restart(.immediate)
            }
          }
          processes.kill(.replica(0))
          processes.kill(.replica(1))
          // All periods with counts are closed and delivered.
          try await processes.until {
            try await withConnection(url) {
              try await $0.query(
                """
                SELECT NOT EXISTS (
                    SELECT FROM analytics_usage_periods AS p
                    JOIN usage_summary AS s ON s.period_id = p.id
                    LEFT JOIN analytics_telemetry_outbox AS o ON o.period_id = p.id
                    WHERE o.delivered_at IS NULL)
                """
              ).only().decode(Bool.self, at: 0)
            }
          }
          try await expectAllArrived(processes.rounds, counted: url, received: collector)
        }
      }
    }

    /// Compares by the member that each round adds. A killed replica loses what it had not flushed. Of its last round,
    /// only the database shows whether it was flushed.
    private func expectAllArrived(
      _ flushed: [Int: Int], counted url: String, received collector: String
    ) async throws {
      let members: [UUID] = try await withConnection(url) {
        try await $0.query(
          "SELECT member::uuid FROM analytics_usage_members WHERE set_name = 'workspaces'"
        ).map { try $0.decode(at: 0) }
      }
      var rounds: [Int: [Int]] = [:]
      for member in members {
        let (incarnation, number) = withUnsafeBytes(of: member.uuid) { bytes in
          (
            Int(bigEndian: bytes.loadUnaligned(as: Int.self)),
            Int(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int.self))
          )
        }
        rounds[incarnation, default: []].append(number)
      }
      for (incarnation, last) in flushed {
        let known = (rounds[incarnation] ?? []).sorted()
        #expect(known == Array(1..<known.count + 1), "each round of \(incarnation) is stored once")
        #expect((last...last + 1).contains(known.count), "all flushed rounds are stored")
      }
      let told = try await withConnection(collector) {
        try await $0.query(
          """
          SELECT f ->> 'name', sum((f ->> 'value')::int8)::int8
          FROM analytics_telemetry_snapshots
          CROSS JOIN LATERAL jsonb_array_elements(document #> '{snapshot,usage}') AS f
          GROUP BY 1
          """
        ).map { (try $0.decode(String.self, at: 0), try $0.decode(Int.self, at: 1)) }
      }
      let figures = Dictionary(uniqueKeysWithValues: told)
      let allowed = rounds.values.flatMap(\.self).reduce(0) { $0 + $1 % 5 + 1 }
      print("\(members.count) rounds of \(flushed.count) replicas, \(figures)")
      #expect(members.count > Self.kills)
      #expect(figures["workspaces"] == members.count)
      #expect(figures["allowed_requests"] == allowed)
    }

    private enum Role: Hashable {
      case replica(Int)
      /// Closes periods and sends them.
      case sender
      case receiver
    }

    /// The running processes, and the rounds that the replicas have reported.
    private final class Processes: Sendable {
      private let directory: String
      private let url: String
      private let collector: String
      private let port: Int
      private let state = Mutex<(alive: [Role: Running], incarnations: Int)>(([:], 0))

      private struct Running: @unchecked Sendable {
        var process: ChildProcess
        var lifeline: Pipe
      }

      init(directory: String, url: String, collector: String, port: Int) {
        (self.directory, self.url, self.collector, self.port) = (directory, url, collector, port)
      }

      func start(_ role: Role) throws {
        let lifeline = Pipe()
        func run(
          _ program: String, _ arguments: [String], output: ChildProcess.Stream = .null
        ) throws -> ChildProcess {
          try ChildProcess(product(program).path, arguments, input: .pipe(lifeline), output: output)
        }
        let process: ChildProcess
        switch role {
        case .replica:
          let incarnation = state.withLock { state in
            state.incarnations += 1
            return state.incarnations
          }
          process = try run(
            "AnalyticsUsageSubject", [url, "\(incarnation)"],
            output: .file("\(directory)/flushed-\(incarnation)"))
        case .sender:
          process = try run(
            "analytics",
            [
              "telemetry", "run", "--to", "http://127.0.0.1:\(port)/telemetry", "--period", "1",
              "--interval", "1", "--database-url", url,
            ])
        case .receiver:
          process = try run(
            "analytics",
            [
              "serve", "--collect-telemetry", "--port", "\(port)", "--database-url", collector,
            ])
        }
        state.withLock { $0.alive[role] = Running(process: process, lifeline: lifeline) }
      }

      func kill(_ role: Role) {
        guard let running = state.withLock({ $0.alive.removeValue(forKey: role) }) else { return }
        running.process.signal(SIGKILL)
        running.process.wait()
      }

      /// Waits for a condition, and fails if a process ends that was not killed.
      func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() {
          for (role, running) in state.withLock({ $0.alive }) {
            try #require(running.process.isRunning, "\(role) has ended by itself")
          }
          try Task.checkCancellation()
          try await onThread { _ = poll(nil, 0, 20) }
        }
      }

      func killAll() { for role in state.withLock({ Array($0.alive.keys) }) { kill(role) } }

      /// The last round that each incarnation of a replica has flushed.
      var rounds: [Int: Int] {
        let count = state.withLock { $0.incarnations }
        let pairs = (1..<count + 1).map { incarnation in
          let data = FileManager.default.contents(atPath: "\(directory)/flushed-\(incarnation)")
          let lines = String(decoding: data ?? Data(), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
          // An incomplete last line is ignored: its writer was killed.
          return (incarnation, lines.dropLast().last.flatMap { Int($0) } ?? 0)
        }
        return Dictionary(uniqueKeysWithValues: pairs)
      }

      var flushed: Int { rounds.values.reduce(0, +) }
    }

    /// A free port, for the receiver in each of its lives. It is outside the range from which the system assigns ports
    /// to connecting clients.
    private static func freePort(using random: inout SeededGenerator) throws -> Int {
      for _ in 0..<100 {
        let port = random.number(20_000...30_000)
        let socket = socket(AF_INET, streamSocket, 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isFree = withUnsafePointer(to: &address) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
          }
        }
        if isFree { return port }
      }
      throw POSIXError(.EADDRINUSE)
    }

    #if canImport(Darwin)
      private static let streamSocket = SOCK_STREAM
    #else
      private static let streamSocket = Int32(SOCK_STREAM.rawValue)
    #endif
  }
}
