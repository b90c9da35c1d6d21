internal import AnalyticsPostgres
internal import AnalyticsText

/// A statement of `reports.sql`, or a part of one.
enum ReportStatement: String, CaseIterable {
  case settings
  case readOnly = "read_only"
  case standings
  case dayVersions = "day_versions"
  case figures
  case figuresOfEvents = "figures_of_events"
  case seen
  case seenRaw = "seen_raw"
  case mask
  case members
  case membersOfDays = "members_of_days"
  case activityOfDays = "activity_of_days"
  case usersSeen = "users_seen"
  case usersToday = "users_today"
  case usersBefore = "users_before"
  case firstDays = "first_days"
  case firstUsers = "first_users"
  case firstInstants = "first_instants"
  case usersNow = "users_now"
  case usersSince = "users_since"
  case usersSinceRaw = "users_since_raw"
  case membersUntil = "members_until"
  case seenAhead = "seen_ahead"
  case allTime = "all_time"
  case environmentsEver = "environments_ever"
  case clientApplications = "client_applications"
  case clientAppsTotal = "client_apps_total"
  case usagePeriods = "usage_periods"
  case usageReplicas = "usage_replicas"
  case unknownValues = "unknown_values"
  case similarValues = "similar_values"
  case unknownKinds = "unknown_kinds"
  case countedKinds = "counted_kinds"
  case fieldsSeen = "fields_seen"
  case fieldNames = "field_names"

  /// The SQL, with what is chosen at run time put in: names and expressions of rollups, which come
  /// from their definitions and never from whoever asks.
  func text(_ parts: [String: String] = [:]) -> String {
    Self.file[rawValue].filling(parts)
  }

  private static let file = NamedStatements(file: PackageResources.reports_sql)

  /// Which events a piece `p` of time holds.
  static let isInPiece = "e.timestamp >= p.lower AND e.timestamp < p.upper"
}
