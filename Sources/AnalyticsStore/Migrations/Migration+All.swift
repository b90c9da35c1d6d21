extension Migration {
  /// The history of the analytics schema. The SQL files are embedded in the binary.
  ///
  /// SwiftPM replaces the first digit of a file's name with `_`.
  package static let all: [Migration] = [
    Migration(
      version: 1, name: "create_analytics_events", phase: .pre,
      sql: String(decoding: PackageResources._01_create_analytics_events_sql, as: UTF8.self)),
    Migration(
      version: 2, name: "create_analytics_retention", phase: .pre,
      sql: String(decoding: PackageResources._02_create_analytics_retention_sql, as: UTF8.self)),
    Migration(
      version: 3, name: "create_analytics_dead_letters", phase: .pre,
      sql: String(decoding: PackageResources._03_create_analytics_dead_letters_sql, as: UTF8.self)),
    Migration(
      version: 4, name: "create_analytics_rollups", phase: .pre,
      sql: String(decoding: PackageResources._04_create_analytics_rollups_sql, as: UTF8.self)),
    Migration(
      version: 5, name: "create_analytics_insert_new", phase: .pre,
      sql: String(decoding: PackageResources._05_create_analytics_insert_new_sql, as: UTF8.self)),
    Migration(
      version: 6, name: "create_analytics_erasures", phase: .pre,
      sql: String(decoding: PackageResources._06_create_analytics_erasures_sql, as: UTF8.self)),
    Migration(
      version: 7, name: "create_analytics_keys", phase: .pre,
      sql: String(decoding: PackageResources._07_create_analytics_keys_sql, as: UTF8.self)),
    Migration(
      version: 8, name: "create_analytics_instance", phase: .pre,
      sql: String(decoding: PackageResources._08_create_analytics_instance_sql, as: UTF8.self)),
    Migration(
      version: 9, name: "create_analytics_usage", phase: .pre,
      sql: String(decoding: PackageResources._09_create_analytics_usage_sql, as: UTF8.self)),
    Migration(
      version: 10, name: "create_analytics_client_applications", phase: .pre,
      sql: String(
        decoding: PackageResources._10_create_analytics_client_applications_sql, as: UTF8.self)),
    Migration(
      version: 11, name: "create_analytics_telemetry", phase: .pre,
      sql: String(decoding: PackageResources._11_create_analytics_telemetry_sql, as: UTF8.self)),
    Migration(
      version: 12, name: "add_to_histograms", phase: .pre,
      sql: String(decoding: PackageResources._12_add_to_histograms_sql, as: UTF8.self)),
    Migration(
      version: 13, name: "count_suppressed_events", phase: .pre,
      sql: String(decoding: PackageResources._13_count_suppressed_events_sql, as: UTF8.self)),
    Migration(
      version: 14, name: "create_analytics_installation", phase: .pre,
      sql: String(
        decoding: PackageResources._14_create_analytics_installation_sql, as: UTF8.self)),
    Migration(
      version: 15, name: "erase_what_is_dated_ahead", phase: .pre,
      sql: String(decoding: PackageResources._15_erase_what_is_dated_ahead_sql, as: UTF8.self)),
    Migration(
      version: 16, name: "bound_partitions_of_writers", phase: .pre,
      sql: String(decoding: PackageResources._16_bound_partitions_of_writers_sql, as: UTF8.self)),
    Migration(
      version: 17, name: "read_bounds_whatever_the_settings", phase: .pre,
      sql: String(
        decoding: PackageResources._17_read_bounds_whatever_the_settings_sql, as: UTF8.self)),
    Migration(
      version: 18, name: "roll_up_later", phase: .pre,
      sql: String(decoding: PackageResources._18_roll_up_later_sql, as: UTF8.self)),
    Migration(
      version: 19, name: "count_by_sets", phase: .pre,
      sql: String(decoding: PackageResources._19_count_by_sets_sql, as: UTF8.self)),
    Migration(
      version: 20, name: "bound_rollups", phase: .pre,
      sql: String(decoding: PackageResources._20_bound_rollups_sql, as: UTF8.self)),
    Migration(
      version: 21, name: "send_histograms_as_bytes", phase: .pre,
      sql: String(decoding: PackageResources._21_send_histograms_as_bytes_sql, as: UTF8.self)),
    Migration(
      version: 22, name: "erase_beside_readers", phase: .post,
      sql: String(decoding: PackageResources._22_erase_beside_readers_sql, as: UTF8.self)),
    Migration(
      version: 23, name: "count_events_to_roll_up", phase: .pre,
      sql: String(decoding: PackageResources._23_count_events_to_roll_up_sql, as: UTF8.self)),
    Migration(
      version: 24, name: "create_usage_figures", phase: .pre,
      sql: String(decoding: PackageResources._24_create_usage_figures_sql, as: UTF8.self)),
    Migration(
      version: 25, name: "find_what_was_taken_out", phase: .pre,
      sql: String(decoding: PackageResources._25_find_what_was_taken_out_sql, as: UTF8.self)),
  ]
}
