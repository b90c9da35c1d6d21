package import AnalyticsPostgres

// Tests write SQL as text, and number its parameters themselves. Their queries must not depend on `SQL`, which they
// test.

extension PostgresConnection {
  package func query(
    _ text: String, _ parameters: [PostgresParameter] = [], deadline: Duration? = nil
  ) async throws(PostgresError) -> PostgresRows {
    try await query(SQL(text, parameters), deadline: deadline)
  }

  package func execute(_ script: String, deadline: Duration? = nil) async throws(PostgresError) {
    try await execute(SQL(verbatim: script), deadline: deadline)
  }

  package func copyIn(
    _ text: String, from source: some PostgresCopySource, deadline: Duration? = nil
  ) async throws(PostgresError) -> Int {
    try await copyIn(SQL(verbatim: text), from: source, deadline: deadline)
  }

  package func copyOut(
    _ text: String, deadline: Duration? = nil,
    onChunk: @Sendable (UnsafeRawBufferPointer) throws -> Void
  ) async throws {
    try await copyOut(SQL(verbatim: text), deadline: deadline, onChunk: onChunk)
  }
}

extension SQL {
  /// - Parameter text: SQL with parameters `$1`, `$2`, ….
  fileprivate init(_ text: String, _ parameters: [PostgresParameter]) {
    guard !parameters.isEmpty else {
      self.init(verbatim: text)
      return
    }
    self = ""
    var rest = text.utf8[...]
    while let sign = rest.firstIndex(of: UInt8(ascii: "$")) {
      let digits = rest[rest.index(after: sign)...].prefix {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
      self += SQL(verbatim: String(rest[..<sign]) ?? "")
      if let number = Int(String(digits) ?? ""), parameters.indices.contains(number - 1) {
        self += .value(parameters[number - 1])
      } else {
        self += SQL(verbatim: "$" + (String(digits) ?? ""))
      }
      rest = rest[digits.endIndex...]
    }
    self += SQL(verbatim: String(rest) ?? "")
  }
}
