extension Migration {
  /// The history of the analytics schema, embedded in the binary.
  ///
  /// SwiftPM puts `_` in place of a file name's leading digit.
  package static let all: [Migration] = [
    Migration(
      version: 1, name: "create_analytics_events", phase: .pre,
      sql: String(decoding: PackageResources._01_create_analytics_events_sql, as: UTF8.self)),
    Migration(
      version: 2, name: "create_analytics_retention", phase: .pre,
      sql: String(decoding: PackageResources._02_create_analytics_retention_sql, as: UTF8.self)),
  ]
}
