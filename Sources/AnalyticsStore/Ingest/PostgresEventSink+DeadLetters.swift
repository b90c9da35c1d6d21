public import Analytics
internal import AnalyticsPostgres
internal import Foundation

extension PostgresEventSink {
  /// Keeps a refused row in `analytics_dead_letters`, as bytes, committed with
  /// `synchronous_commit = on`. See ``EventSink/setAside(_:because:)``.
  public func setAside(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    var letters: [SQL] = []
    row.forEachRow { letters.append($0.deadLetter(because: refusal.description)) }
    do throws(EventSinkError) {
      try await withConnection { connection in
        let schema = try await schema(on: connection)
        for letter in letters {
          // Written anew each time, so each COMMIT waits for disk and standby.
          try await connection.transaction { connection in
            _ = try await connection.query(
              """
              SELECT set_config('synchronous_commit', 'on', true),
                     set_config('analytics.tracked_after', \(row.trackedAfterSetting), true),
                     \(schema).analytics_set_aside(\(letter))
              """)
          }
        }
      }
    } catch {
      // Nothing takes a row here but this table; it waits, whatever refuses it.
      throw EventSinkError(.retry, error.description)
    }
  }
}

extension EventRow {
  /// As `analytics_set_aside` takes it.
  fileprivate func deadLetter(because reason: String) -> SQL {
    let user = columns[4].map { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    return
      "\(id), \(timestamp.postgres), \(user), \(Int32(RowLayout.version)), \(Array(bytes)), \(reason)"
  }
}
