public import Analytics
public import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

/// Adds usage counts to PostgreSQL, each delta exactly once.
///
/// ```swift
/// let usage = UsageTracker(sink: PostgresUsageSink(database))
/// ```
///
/// A delta is one transaction that also stores the replica's sequence number, so a delta whose
/// COMMIT got no answer is not counted twice. The whole delta is added to the period that is open
/// at that time. The sink works through PgBouncer in transaction mode, and the writer's role
/// suffices.
public final class PostgresUsageSink: UsageSink {
  let database: UsageDatabase

  /// Makes a sink. It connects at the first flush.
  public init(_ database: AnalyticsDatabase) { self.database = UsageDatabase(database) }

  /// Adds the whole delta, or nothing. See ``UsageSink/write(_:)``.
  public func write(_ delta: UsageDelta) async throws(EventSinkError) {
    let columns = UsageColumns(delta).arguments
    let now = Date().microsecondsSinceUnixEpoch
    let age = (Double(now) - Double(delta.since.microsecondsSinceUnixEpoch)) / 1_000_000
    try await database.transaction { connection, schema in
      _ = try await connection.query(
        """
        SELECT \(schema).analytics_add_usage(
            \(delta.replicaID), \(delta.sequence), \(age), \(columns))
        """)
    }
  }
}

/// A delta as the arrays that `analytics_add_usage` takes.
private struct UsageColumns {
  private var counters = (kinds: [String](), names: [String](), values: [Int64]())
  private var texts = (kinds: [String](), sets: [String](), members: [String]())
  private var ids = (kinds: [String](), sets: [String](), members: [UUID]())

  init(_ delta: UsageDelta) {
    for kind in delta.kinds {
      for counter in kind.counters {
        counters.kinds.append(kind.name)
        counters.names.append(counter.name)
        counters.values.append(counter.value)
      }
      for set in kind.sets {
        texts.kinds += repeatElement(kind.name, count: set.texts.count)
        texts.sets += repeatElement(set.name, count: set.texts.count)
        texts.members += set.texts
        ids.kinds += repeatElement(kind.name, count: set.ids.count)
        ids.sets += repeatElement(set.name, count: set.ids.count)
        ids.members += set.ids
      }
    }
  }

  /// The arguments of the function. Ids are sent in binary form, 16 bytes each.
  var arguments: SQL {
    """
    \(counters.kinds), \(counters.names), \(counters.values),
    \(texts.kinds) || \(ids.kinds), \(texts.sets) || \(ids.sets),
    \(texts.members) || \(ids.members)::text[]
    """
  }
}
