import AnalyticsPostgres
import AnalyticsTestSupport
import Testing

@Suite("Transactions", .timeLimit(.minutes(60)))
struct TransactionTests {
  private struct Refusal: Error {}

  @Test("the result of the body is returned once the transaction is committed")
  func commit() async throws {
    try await withTable { connection in
      let answer = try await connection.transaction { connection in
        try await connection.execute("INSERT INTO t VALUES (1)")
        return "done"
      }
      #expect(answer == "done")
      #expect(try await connection.numbers() == [1])
      #expect(await !connection.isInTransaction)
    }
  }

  @Test("a body that throws changes nothing in the database")
  func rollback() async throws {
    try await withTable { connection in
      await #expect(throws: Refusal.self) {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO t VALUES (1)")
          throw Refusal()
        }
      }
      let numbers = try await connection.numbers()
      #expect(numbers == [])
      #expect(await !connection.isInTransaction)
    }
  }

  @Test("a transaction whose body ignores a failed statement is not reported as committed")
  func swallowed() async throws {
    try await withTable { connection in
      let error = await postgresError {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO t VALUES (1)")
          try? await connection.execute("INSERT INTO missing VALUES (1)")
        }
      }
      #expect(error?.code == .protocolViolation)
      #expect(error?.outcomeUnknown == false)
      let numbers = try await connection.numbers()
      #expect(numbers == [])
    }
  }

  @Test("a cancelled task's transaction is rolled back, and the connection stays usable")
  func cancellation() async throws {
    try await withTable { connection in
      let task = Task {
        try await connection.transaction { connection in
          try await connection.execute("INSERT INTO t VALUES (1)")
          withUnsafeCurrentTask { $0?.cancel() }
          try await connection.execute("INSERT INTO t VALUES (2)")
        }
      }
      #expect(await postgresError { try await task.value }?.code == .cancelled)
      #expect(await !connection.isBroken)
      let numbers = try await connection.numbers()
      #expect(numbers == [])
    }
  }

  @Test("a transaction inside a transaction is refused")
  func nested() async throws {
    try await withTable { connection in
      let error = await postgresError {
        try await connection.transaction { connection in
          try await connection.transaction { _ in }
        }
      }
      #expect(error?.code == .protocolViolation)
      let inTransaction = await connection.isInTransaction
      #expect(!inTransaction)
    }
  }

  @Test("isolation and read-only reach the server")
  func modes() async throws {
    try await withTable { connection in
      let error = await postgresError {
        try await connection.transaction(readOnly: true) { connection in
          try await connection.execute("DELETE FROM t")
        }
      }
      #expect(error?.sqlState == .readOnlyTransaction)
      let isolation = try await connection.transaction(isolation: .repeatableRead) { connection in
        try await connection.query("SHOW transaction_isolation").only().decode(
          String.self, at: 0)
      }
      #expect(isolation == "repeatable read")
    }
  }

  @Test("a COMMIT that the server refuses is known to have failed")
  func refusedCommit() async throws {
    try await withTable { connection in
      try await connection.execute(
        "ALTER TABLE t ADD UNIQUE (n) DEFERRABLE INITIALLY DEFERRED; INSERT INTO t VALUES (1)")
      let error = await postgresError {
        try await connection.transaction { try await $0.execute("INSERT INTO t VALUES (1)") }
      }
      #expect(error?.sqlState == .uniqueViolation)
      #expect(error?.outcomeUnknown == false)
      let numbers = try await connection.numbers()
      #expect(numbers == [1])
    }
  }

  @Test("a connection that dies during COMMIT leaves its outcome unknown")
  func lostCommit() async throws {
    try await withTable { connection in
      try await connection.execute(Self.deferred("pg_terminate_backend(pg_backend_pid())"))
      let error = await postgresError {
        try await connection.transaction { try await $0.execute("INSERT INTO t VALUES (1)") }
      }
      #expect(error?.outcomeUnknown == true)
      #expect(error?.isTransient == true)
      #expect(error?.description.contains("unknown") == true)
      #expect(await connection.isBroken)
    }
  }

  @Test("a connection that dies before COMMIT is known to have stored nothing")
  func lostBeforeCommit() async throws {
    try await withTable { connection in
      let error = await postgresError {
        try await connection.transaction { connection in
          _ = try await connection.query("INSERT INTO t VALUES (1)")
          _ = try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
        }
      }
      #expect(error?.sqlState == .adminShutdown)
      #expect(error?.outcomeUnknown == false)
    }
  }

  @Test("a COMMIT that its deadline stops is known to have failed")
  func slowCommit() async throws {
    try await withTable { connection in
      try await connection.execute(Self.deferred("pg_sleep(60)"))
      let error = await postgresError {
        try await connection.transaction(deadline: .milliseconds(200)) {
          _ = try await $0.query("INSERT INTO t VALUES (1)", deadline: .seconds(120))
        }
      }
      #expect(error?.code == .timedOut)
      #expect(error?.outcomeUnknown == false)
      let numbers = try await connection.numbers()
      #expect(numbers == [])
    }
  }

  @Test(
    "a trigger's warning during COMMIT is not mistaken for one of the server",
    arguments: ["01000", "57P01"])
  func warning(state: String) async throws {
    try await withTable { connection in
      try await connection.execute(
        """
        CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE WARNING 'canceling wait for synchronous replication due to user request'
            USING ERRCODE = '\(state)';
          RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION warn()
        """)
      try await connection.transaction { try await $0.execute("INSERT INTO t VALUES (1)") }
      try await connection.execute("INSERT INTO t VALUES (2)")
      #expect(try await connection.numbers() == [1, 2])
    }
  }

  /// A trigger that runs an action at COMMIT.
  private static func deferred(_ action: String) -> String {
    """
    CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM \(action); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER act AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION act()
    """
  }

  private func withTable(_ body: (PostgresConnection) async throws -> Void) async throws {
    try await withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int8)")
      try await body(connection)
    }
  }
}
