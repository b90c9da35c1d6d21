package import AnalyticsConnections
package import AnalyticsPostgres
import AnalyticsText

/// Streams stored events as lines, from one snapshot, in memory that does not grow with the number
/// of events.
///
/// During COPY it works on the connection's thread, where the rows arrive: formatting, compressing
/// and writing block no other thread. Opening the output, its last chunk and finishing it run on
/// the caller's.
package final class Exporter: Sendable {
  private let filter: EventFilter
  private let database: AnalyticsDatabase
  private let progress: any ProgressDisplay

  /// The number of bytes that are collected before they are written.
  private static let chunkBytes = 256 * 1024
  /// The shortest time between two updates of the progress line.
  private static let drawInterval: Duration = .milliseconds(100)

  package init(
    _ filter: EventFilter, from database: AnalyticsDatabase, progress: any ProgressDisplay
  ) {
    self.filter = filter
    self.database = database
    self.progress = progress
  }

  /// - Parameter open: Opens the output; called once the transaction has begun. The export finishes
  ///   the output, or abandons it if it fails.
  /// - Returns: The number of events that were written.
  package func run(
    on connection: PostgresConnection, to open: @Sendable () throws -> any ByteSink
  ) async throws -> Int {
    // Needs no lock: see ``State``.
    let state = State(showsProgress: progress.showsProgress)
    defer { progress.clear() }
    return try await database.read(on: connection) { connection in
      let output = Output(try open())
      do {
        try await filter.bind(on: connection)
        try await connection.copyOut(copy) { message in
          try self.take(message, state, output.sink)
        }
        try state.lines.bytes.withUnsafeBytes(output.sink.write)
        try output.sink.finish()
      } catch {
        // The partial file must not stay behind.
        output.sink.abandon()
        throw error
      }
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
    progress.draw(state.count.counted("event"))
  }

  /// The state of an export. Unchecked: only the connection's thread uses it while COPY runs, and
  /// only the caller, who waits for COPY to end, before and afterwards.
  private final class State: @unchecked Sendable {
    var rows = PostgresCopyRows()
    var lines = EventLineWriter()
    var count = 0
    var lastDrawn = ContinuousClock.now
    let showsProgress: Bool

    init(showsProgress: Bool) { self.showsProgress = showsProgress }
  }

  /// The output. Unchecked: used by the same two threads in turn as ``State``.
  private struct Output: @unchecked Sendable {
    let sink: any ByteSink
    init(_ sink: any ByteSink) { self.sink = sink }
  }
}
