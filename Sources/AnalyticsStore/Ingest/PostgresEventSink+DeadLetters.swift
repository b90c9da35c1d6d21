public import Analytics
internal import AnalyticsPostgres
internal import Foundation

extension PostgresEventSink {
  /// Keeps a refused row in `analytics_dead_letters`, as bytes, committed with
  /// `synchronous_commit = on`. See ``EventSink/setAside(_:because:)``.
  public func setAside(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    var rows: [[PostgresParameter]] = []
    row.forEachRow {
      rows.append($0.deadLetter(because: refusal.description) + [row.trackedAfterParameter])
    }
    do throws(EventSinkError) {
      try await withConnection { connection in
        let sql = Statement.setAside.text(in: try await schema(on: connection))
        for parameters in rows {
          // Written anew each time, so each COMMIT waits for disk and standby.
          try await connection.transaction { _ = try await $0.query(sql, parameters) }
        }
      }
    } catch {
      // Nothing takes a row here but this table; it waits, whatever refuses it.
      throw EventSinkError(.retry, error.description)
    }
  }
}

extension EventRow {
  fileprivate func deadLetter(because reason: String) -> [PostgresParameter] {
    let user = columns[4].map { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    return [
      .uuid(id), .timestamptz(microseconds: timestamp.microsecondsSincePostgresEpoch),
      user.map(PostgresParameter.uuid) ?? .null, .int4(Int32(RowLayout.version)),
      .bytea(Array(bytes)), .text(reason),
    ]
  }
}
