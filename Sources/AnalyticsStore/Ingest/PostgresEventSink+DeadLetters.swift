public import Analytics
internal import AnalyticsPostgres

extension PostgresEventSink {
  /// Keeps a refused row in `analytics_dead_letters`, in its binary form, committed with
  /// `synchronous_commit = on`. See ``EventSink/deadLetter(_:because:)``.
  public func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    var letters: [SQL] = []
    row.forEachRow { letters.append($0.deadLetter(because: refusal.description)) }
    do throws(EventSinkError) {
      try await withConnection { connection in
        let schema = try await schema(on: connection)
        for letter in letters {
          // Each call writes the row again, even if it is there already, so each COMMIT waits for
          // the disk and the standby.
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
      // There is no further place to keep the row, so whatever the error is, the row has to wait.
      throw EventSinkError(.retry, error.description)
    }
  }
}

extension EventRow {
  /// The arguments of `analytics_set_aside`.
  fileprivate func deadLetter(because reason: String) -> SQL {
    """
    \(id), \(timestamp.postgres), \(userID), \(Int32(RowLayout.version)), \(Array(bytes)), \
    \(reason)
    """
  }
}
