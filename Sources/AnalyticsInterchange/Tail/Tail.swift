import Analytics
package import AnalyticsConnections
package import AnalyticsPostgres
import AnalyticsText

/// Shows events as they arrive: in the order in which their transactions become visible, and within
/// one poll in the order of their times.
///
/// A high-water mark of times would skip events that arrive late, and a mark of row numbers those
/// that are committed out of order. This asks the server instead which rows the snapshot of the
/// last poll did not see. It can miss rows that the server puts into space that an erasure and a
/// vacuum freed earlier in a partition; `export` has all of them.
package struct Tail: Sendable {
  private let query: TailQuery
  private let database: AnalyticsDatabase
  private let asJSON: Bool

  /// The time from the end of a poll to the next.
  private static let interval: Duration = .milliseconds(500)

  /// - Parameter asJSON: Whether an event is shown as a line of the import format, and not as a
  ///   line for people.
  package init(_ filter: EventFilter, from database: AnalyticsDatabase, asJSON: Bool) {
    query = TailQuery(filter: filter)
    self.database = database
    self.asJSON = asJSON
  }

  /// Shows the last events and then each new one on standard output, until the task is cancelled.
  ///
  /// - Parameter count: The number of stored events to show first, 0 or more.
  package func run(last count: Int, on connection: PostgresConnection) async throws {
    let output = try OutputFile(path: nil)
    var watches: [Int64: PartitionWatch] = [:]
    var before: Snapshot?
    while true {
      do {
        let known = watches
        let previous = before
        let partitions = try await partitions(on: connection)
        let (now, updated) = try await database.read(
          on: connection, isolation: .repeatableRead
        ) { connection in
          let now = try await snapshot(on: connection)
          guard let previous else {
            if count > 0 { try await show(query.last(count), on: connection, to: output) }
            let watches = partitions.mapValues { PartitionWatch(seen: now, partition: $0) }
            return (now, watches)
          }
          return (
            now,
            try await poll(
              partitions, known, since: previous, now, on: connection, to: output)
          )
        }
        (before, watches) = (now, updated)
      } catch let error as PostgresError where error.sqlState == .unknownTable && before != nil {
        // A partition was dropped after it was listed. The next list no longer has it.
      }
      try await Task.sleep(for: Self.interval)
    }
  }

  private func poll(
    _ partitions: [Int64: Partition], _ known: [Int64: PartitionWatch], since previous: Snapshot,
    _ now: Snapshot, on connection: PostgresConnection, to output: OutputFile
  ) async throws -> [Int64: PartitionWatch] {
    var watches: [Int64: PartitionWatch] = [:]
    var places: [(partition: Partition, firstPage: Int, seen: Snapshot)] = []
    for (oid, partition) in partitions {
      var watch = known[oid] ?? PartitionWatch(seen: previous, partition: nil)
      if let page = watch.firstPage(partition) {
        places.append((partition, page, watch.seen))
        watch.polled(partition, snapshot: now)
      }
      watches[oid] = watch
    }
    if !places.isEmpty {
      try await show(query.new(in: places, now: now), on: connection, to: output)
    }
    return watches
  }

  private func partitions(on connection: PostgresConnection) async throws -> [Int64: Partition] {
    var partitions: [Int64: Partition] = [:]
    let rows = try await database.read(on: connection) {
      try await $0.query(TailQuery.partitions)
    }
    for row in rows {
      partitions[try row.decode(Int64.self, "oid")] = Partition(
        schema: try row.decode(String.self, "schema"), name: try row.decode(String.self, "name"),
        pages: try row.decode(Int.self, "pages"),
        inserted: try row.decode(Int64.self, "inserted"))
    }
    return partitions
  }

  private func snapshot(on connection: PostgresConnection) async throws -> Snapshot {
    let text: String = try await connection.query("SELECT pg_current_snapshot()::text").value()
    guard let snapshot = Snapshot(text) else {
      throw InterchangeError(.failed, "the server's snapshot cannot be read")
    }
    return snapshot
  }

  /// Writes each row as it arrives, on the connection's thread.
  private func show(
    _ copy: SQL, on connection: PostgresConnection, to output: OutputFile
  ) async throws {
    let lines = Lines(output: output, asJSON: asJSON)
    try await query.filter.bind(on: connection)
    try await connection.copyOut(copy) { try lines.take($0) }
  }

  /// Unchecked: created by the caller, and then used only by the connection's thread while COPY
  /// runs.
  private final class Lines: @unchecked Sendable {
    private var rows = PostgresCopyRows()
    private var writer = EventLineWriter()
    private let output: OutputFile
    private let asJSON: Bool

    init(output: OutputFile, asJSON: Bool) { (self.output, self.asJSON) = (output, asJSON) }

    func take(_ message: UnsafeRawBufferPointer) throws {
      try rows.readEvents(message) { event in
        if asJSON {
          writer.removeAll()
          writer.append(event)
          try output.write(JSONString.printable(String(decoding: writer.bytes, as: UTF8.self)))
        } else {
          try output.write(event.text)
        }
      }
    }
  }
}

extension EventColumns {
  /// The event as a line for people.
  var text: String {
    let parts = [
      EventLineWriter.timestamp(timestamp).description, Self.string(type), Self.string(service),
      Self.string(UnsafeRawBufferPointer(rebasing: data.dropFirst())),
    ]
    return DisplayText.line(parts.joined(separator: "  "), mark: "\u{FFFD}") + "\n"
  }

  private static func string(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
