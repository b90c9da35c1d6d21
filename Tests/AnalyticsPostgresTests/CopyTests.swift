import AnalyticsPostgres
import AnalyticsTestSupport
import Synchronization
import Testing

@Suite("COPY")
struct CopyTests {
  static let copyIn = "COPY t (n, name) FROM STDIN (FORMAT binary)"
  static let copyOut = "COPY (SELECT n, name FROM t ORDER BY n) TO STDOUT (FORMAT binary)"

  @Test("a hundred thousand rows are copied in and out unchanged", arguments: [100, 1 << 20])
  func large(chunkBytes: Int) async throws {
    try await withTable { connection in
      let rows = BinaryRows(count: 100_000, chunkBytes: chunkBytes)
      #expect(try await connection.copyIn(Self.copyIn, from: rows) == 100_000)
      let received = Mutex<[UInt8]>([])
      try await connection.copyOut(Self.copyOut) { chunk in
        received.withLock { $0.append(contentsOf: chunk) }
      }
      #expect(received.withLock { $0 } == rows.bytes)
      #expect(try await connection.query("SELECT 1").count == 1)
    }
  }

  @Test("a refused row stores no rows, and the connection stays usable")
  func refused() async throws {
    try await withTable { connection in
      try await connection.execute("INSERT INTO t VALUES (99999, 'tops3cret')")
      let error = await postgresError {
        _ = try await connection.copyIn(
          Self.copyIn, from: BinaryRows(count: 100_000, chunkBytes: 1 << 20))
      }
      #expect(error?.sqlState == .uniqueViolation)
      #expect(error?.isDataError == true)
      #expect(error.map { "\($0)".contains("99999") } == false)
      #expect(try await count(connection) == 1)
      let rows = BinaryRows(count: 10, chunkBytes: 1 << 20)
      #expect(try await connection.copyIn(Self.copyIn, from: rows) == 10)
    }
  }

  @Test("malformed bytes and an early end are refused, and the connection stays usable")
  func malformed() async throws {
    try await withTable { connection in
      let rows = BinaryRows(count: 10, chunkBytes: 1 << 20).bytes
      for bytes in [Array(rows.dropLast(5)), [1, 2, 3], rows + [0]] {
        let error = await postgresError {
          _ = try await connection.copyIn(Self.copyIn, from: bytes)
        }
        #expect(error?.sqlState == SQLState(rawValue: "22P04"))
      }
      let stored = try await count(connection)
      #expect(stored == 0)
    }
  }

  @Test("a COPY into a missing table and a statement that is not a COPY are refused")
  func noCopy() async throws {
    try await withTable { connection in
      let missing = await postgresError {
        _ = try await connection.copyIn("COPY missing FROM STDIN", from: [UInt8]())
      }
      #expect(missing?.sqlState == .unknownTable)
      let query = await postgresError {
        _ = try await connection.copyIn("SELECT 1", from: [UInt8]())
      }
      #expect(query?.code == .protocolViolation)
      let stored = try await count(connection)
      #expect(stored == 0)
    }
  }

  @Test("a receiver that throws ends the COPY, and the connection stays usable")
  func receiverThrows() async throws {
    struct Enough: Error {}
    try await withConnection { connection in
      await #expect(throws: Enough.self) {
        try await connection.copyOut("COPY (SELECT generate_series(1, 10000000)) TO STDOUT") { _ in
          throw Enough()
        }
      }
      let rows = try await connection.query("SELECT 1")
      #expect(rows.count == 1)
    }
  }

  @Test("a COPY that the deadline interrupts stores nothing")
  func deadline() async throws {
    try await withTable { connection in
      let error = await postgresError {
        _ = try await connection.copyIn(
          Self.copyIn, from: EndlessRows(), deadline: .milliseconds(200))
      }
      #expect(error?.code == .timedOut)
      let stored = try await count(connection)
      #expect(stored == 0)
    }
  }

  @Test("a COPY whose task is cancelled ends, in both directions")
  func cancellation() async throws {
    try await withTable { connection in
      let sending = Task {
        try await connection.copyIn(Self.copyIn, from: EndlessRows())
      }
      sending.cancel()
      #expect(await postgresError { _ = try await sending.value }?.code == .cancelled)
      let (started, signal) = AsyncStream.makeStream(of: Void.self)
      let receiving = Task {
        try await connection.copyOut("COPY (SELECT generate_series(1, 1e9)) TO STDOUT") { _ in
          signal.yield()
        }
      }
      _ = await started.first { true }
      receiving.cancel()
      #expect(await postgresError { try await receiving.value }?.code == .cancelled)
      let stored = try await count(connection)
      #expect(stored == 0)
    }
  }

  private func withTable(_ body: (PostgresConnection) async throws -> Void) async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int8 PRIMARY KEY, name text)")
      try await body(connection)
    }
  }

  private func count(_ connection: PostgresConnection) async throws -> Int {
    try await connection.query("SELECT count(*) FROM t").only().decode(at: 0)
  }
}

/// Rows (n, "name n") in COPY's binary format. The ends of the chunks do not match those of the rows.
struct BinaryRows: PostgresCopySource {
  static let header =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)

  let bytes: [UInt8]
  let chunkBytes: Int

  init(count: Int, chunkBytes: Int) {
    var bytes = Self.header
    for number in 0..<count { Self.append(number, to: &bytes) }
    self.bytes = bytes + [0xff, 0xff]
    self.chunkBytes = chunkBytes
  }

  static func append(_ number: Int, to bytes: inout [UInt8]) {
    func append<Integer: FixedWidthInteger>(_ value: Integer) {
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
    let name = "name \(number)"
    append(Int16(2))
    append(Int32(8))
    append(Int64(number))
    append(Int32(name.utf8.count))
    bytes.append(contentsOf: name.utf8)
  }

  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try bytes.withUnsafeBytes { buffer in
      for start in stride(from: 0, to: buffer.count, by: chunkBytes) {
        let end = min(start + chunkBytes, buffer.count)
        try body(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      }
    }
  }
}

/// More rows than can be copied while a test runs.
struct EndlessRows: PostgresCopySource {
  func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    try BinaryRows.header.withUnsafeBytes(body)
    var number = 0
    while number < 100_000_000 {
      var bytes: [UInt8] = []
      for _ in 0..<1000 {
        BinaryRows.append(number, to: &bytes)
        number += 1
      }
      try bytes.withUnsafeBytes(body)
    }
  }
}
