package import Analytics
package import AnalyticsPostgres

extension EventTimestamp {
  /// The same instant for PostgreSQL, which also counts microseconds.
  package var postgres: PostgresTimestamp {
    PostgresTimestamp(microseconds: microsecondsSincePostgresEpoch)
  }
}
