import AnalyticsConnections
import AnalyticsPostgres

/// Streams stored events as lines, from one snapshot, in memory that does not grow with them.
///
/// It works on the connection's thread, where the rows come in: reading, writing lines, compressing
/// and writing the file block nobody else.
final class Exporter: Sendable {
  private let filter: EventFilter
  private let database: AnalyticsDatabase
  private let terminal: Terminal

  /// How much is collected before it is written.
  private static let chunkBytes = 256 * 1024
  /// How often the progress line is drawn at most.
  private static let drawInterval: Duration = .milliseconds(100)

  init(
    _ filter: EventFilter, from database: AnalyticsDatabase, terminal: Terminal = .standardError
  ) {
    self.filter = filter
    self.database = database
    self.terminal = terminal
  }

  /// - Parameter open: Makes the output; called once the database has answered.
  /// - Returns: How many events were written.
  func run(
    on connection: PostgresConnection, to open: @Sendable () throws -> any ByteSink
  ) async throws -> Int {
    // A Mutex would be of no use: there is one thread, and the closure runs to its end on it.
    let state = State(showsProgress: terminal.isInteractive)
    defer { terminal.clear() }
    return try await database.read(on: connection) { connection in
      let output = Output(try open())
      try await filter.bind(on: connection)
      try await connection.copyOut(copy) { message in
        try self.take(message, state, output.sink)
      }
      try state.lines.bytes.withUnsafeBytes(output.sink.write)
      try output.sink.finish()
      return state.count
    }
  }

  private var copy: SQL {
    """
    COPY (SELECT \(EventColumns.select) FROM analytics_events WHERE \(filter.condition)
          ORDER BY timestamp, id) TO STDOUT (FORMAT binary)
    """
  }

  private func take(
    _ message: UnsafeRawBufferPointer, _ state: State, _ sink: any ByteSink
  ) throws {
    try state.rows.readEvents(message) { event in
      state.lines.append(event)
      state.count += 1
    }
    guard state.lines.bytes.count >= Self.chunkBytes else { return }
    try state.lines.bytes.withUnsafeBytes(sink.write)
    state.lines.removeAll()
    let now = ContinuousClock.now
    guard state.showsProgress, now - state.lastDrawn >= Self.drawInterval else { return }
    state.lastDrawn = now
    terminal.draw("\(state.count.grouped) events")
  }

  /// What is under way. Unchecked: only the connection's thread touches it while COPY runs, and only
  /// the caller, who waits for that, afterwards.
  private final class State: @unchecked Sendable {
    var rows = PostgresCopyRows()
    var lines = EventLineWriter()
    var count = 0
    var lastDrawn = ContinuousClock.now
    let showsProgress: Bool

    init(showsProgress: Bool) { self.showsProgress = showsProgress }
  }

  /// Handed to and fro between the same two as ``State``.
  private struct Output: @unchecked Sendable {
    let sink: any ByteSink
    init(_ sink: any ByteSink) { self.sink = sink }
  }
}
