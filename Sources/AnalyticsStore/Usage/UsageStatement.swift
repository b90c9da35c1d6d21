internal import AnalyticsPostgres
internal import AnalyticsText

/// A statement of `usage.sql`.
enum UsageStatement: String, CaseIterable {
  case begin, add, close
  case closeAt = "close_at"
  case purge, register
  case purgeInstances = "purge_instances"

  /// The SQL with `schema` put in.
  func text(in schema: SchemaName) -> String {
    Self.file[rawValue].filling(["schema": schema.quoted])
  }

  private static let file = NamedStatements(file: PackageResources.usage_sql)
}
