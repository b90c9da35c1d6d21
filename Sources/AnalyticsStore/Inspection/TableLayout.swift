internal import AnalyticsRollups
internal import AnalyticsText

/// The name and columns of a table after the newest migration. They serve to find columns that were
/// renamed or dropped by hand.
struct TableLayout: Hashable {
  var name: String
  var columns: [String]

  private init(_ name: String, _ columns: String) {
    self.init(name: name, columns: columns.split(at: " ").map(String.init))
  }

  init(name: String, columns: [String]) {
    (self.name, self.columns) = (name, columns)
  }

  /// All tables except those of rollups.
  static let all = [
    TableLayout(
      "analytics_events",
      "id timestamp event_type service user_id hostname environment data batch"),
    TableLayout("analytics_pending", "batch times events after_timestamp after_id stored_at"),
    TableLayout("analytics_rolled_up", "is_only highest others horizon"),
    TableLayout(
      "analytics_rollups",
      "name version definition valid_from created_at derived problem problem_at"),
    TableLayout("analytics_rollup_pending", "name version lower upper"),
    TableLayout("analytics_users_kept", "user_id number first_day"),
    TableLayout("analytics_users_by_first_day_kept", "first_day numbers"),
    TableLayout("analytics_members_kept", "kind member number"),
    TableLayout("analytics_numbers", "kind next"),
    TableLayout("analytics_retention", "is_only dropped_before"),
    TableLayout("analytics_partitions_to_drop", "name"),
    TableLayout(
      "analytics_dead_letters", "id timestamp user_id layout row reason refused_at attempts"),
    TableLayout("analytics_erasures", "hash erased_at"),
    TableLayout("analytics_erasure_key", "is_only inner_key outer_key"),
    TableLayout("analytics_instance", "is_only id signing_key created_at"),
    TableLayout("analytics_keys", "id name role hash prefix created_at revoked_at last_used_on"),
    TableLayout("analytics_migrations", "version name phase checksum applied_at"),
    TableLayout("analytics_usage_periods", "id started_at ended_at"),
    TableLayout("analytics_usage_replicas", "replica_id last_sequence updated_at"),
    TableLayout(
      "analytics_usage_counters",
      "period_id kind replica_id name value window_start updated_at"),
    TableLayout("analytics_usage_members", "period_id kind set_name member replica_id"),
    TableLayout("analytics_client_applications", "name first_seen"),
    TableLayout(
      "analytics_client_instances",
      "name instance_id version environment started_at first_seen last_seen"),
    TableLayout("analytics_telemetry", "is_only collector on_since on_after"),
    TableLayout(
      "analytics_telemetry_outbox",
      """
      id period_id collector document created_at attempts next_attempt_at problem delivered_at \
      given_up_at
      """),
    TableLayout(
      "analytics_telemetry_deployments", "deployment_id public_key first_seen turned_off_at"),
    TableLayout(
      "analytics_telemetry_snapshots",
      "deployment_id period_id started_at ended_at document received_at"),
    TableLayout("telemetry_locks", "event_type period_ending_at"),
  ]

  /// Returns the tables of a rollup.
  static func tables(of rollup: Rollup) -> [TableLayout] {
    RollupTable.all(of: rollup).map { table in
      TableLayout(name: table.name, columns: (table.columns + table.generated).map(\.name))
    }
  }
}
