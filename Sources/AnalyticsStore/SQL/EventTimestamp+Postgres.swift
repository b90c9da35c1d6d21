package import Analytics
package import AnalyticsPostgres

extension EventTimestamp {
  /// As PostgreSQL takes it: both count microseconds.
  package var postgres: PostgresTimestamp {
    PostgresTimestamp(microseconds: microsecondsSincePostgresEpoch)
  }
}
