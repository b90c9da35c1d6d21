internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText
internal import Crypto
internal import Foundation
internal import Logging

/// Installs the rollups that are defined in this program: tables, derived SQL and views.
///
/// New rollups are installed in one transaction. Ingest continues, but rolling up waits. So each
/// event is either in a range that is noted as still to be computed, or is rolled up afterwards.
struct RollupInstaller {
  let session: MigrationSession
  let rollups: [Rollup]
  let logger: Logger

  var connection: PostgresConnection { session.connection }

  func apply() async throws {
    for rollup in rollups {
      if let problem = rollup.problem { throw StoreError.rollup(problem) }
    }
    try await connection.execute(.names(in: session.schema, isLocal: false))
    try await connection.transaction(isolation: .readCommitted) { _ in try await recreateDerived() }
    // No other process registers rollups in between, since migrations hold a lock.
    let known = try await registered()
    let new = try rollups.filter { try isNew($0, among: known) }
    guard !new.isEmpty else { return }
    try await warnOfLostDays(new, known)
    if !known.isEmpty {
      // Rolling up now does not block ingest, and leaves little to do under the lock.
      try await RollUp.all(on: connection, in: session.schema)
    }
    try await connection.transaction(isolation: .readCommitted) { _ in
      _ = try await connection.query("SELECT analytics_lock_rollups()")
      // Pending events belong to the versions that exist so far.
      if !known.isEmpty { try await RollUp.within(transactionOf: connection, in: session.schema) }
      for rollup in new { try await create(rollup, among: known) }
      try await derive(from: try await registered())
      for rollup in new {
        logger.info(
          "rollup created",
          metadata: [
            "analytics.rollup": "\(rollup.name)", "analytics.version": "\(rollup.version)",
          ])
      }
    }
  }

  /// Warns if raw events were removed by hand. A new definition is computed from raw events, so it
  /// has no figures for those days, and the figures of the former definition are not read any more.
  private func warnOfLostDays(_ new: [Rollup], _ known: [RollupViews.Version]) async throws {
    let replaced = new.map(\.name).filter { name in known.contains { $0.rollup.name == name } }
    guard !replaced.isEmpty, try await connection.hasFunction("analytics_lost_days()") else {
      return
    }
    let days: Int = try await connection.query("SELECT count(*) FROM analytics_lost_days()").value()
    guard days > 0 else { return }
    logger.warning(
      "rollups with a new definition lack figures for days whose raw events were removed by hand",
      metadata: [
        "analytics.days": "\(days)", "analytics.rollups": "\(replaced.joined(separator: ", "))",
      ])
  }

  /// Recreates everything that is derived from the registered rollups, in the caller's transaction.
  ///
  /// - Parameter lockAttempts: The number of attempts to lock the views, each for 200 ms.
  func recreateDerived(lockAttempts: Int = lockAttemptsMax) async throws {
    guard try await session.canHoldRollups() else { return }
    let known = try await registered()
    if !known.isEmpty { try await derive(from: known, lockAttempts: lockAttempts) }
  }

  private func isNew(_ rollup: Rollup, among known: [RollupViews.Version]) throws -> Bool {
    let versions = known.filter { $0.rollup.name == rollup.name }
    if let same = versions.first(where: { $0.rollup.version == rollup.version }) {
      guard try definition(of: same.rollup).isSame(as: definition(of: rollup)) else {
        throw StoreError.rollup(
          "the definition of the rollup \(rollup.name) has changed: raise its version above "
            + "\(rollup.version); no rollup was changed")
      }
      return false
    }
    // A higher version was registered by a newer program.
    return !versions.contains { $0.rollup.version > rollup.version }
  }

  /// Returns the definition as JSON. Two definitions are the same if their JSON is. `==` would
  /// treat field names as equal that differ in bytes but not as Unicode text.
  private func definition(of rollup: Rollup) throws -> String { try json(rollup) }

  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Returns all registered versions, grouped by name, the newest version first.
  func registered() async throws -> [RollupViews.Version] {
    let rows = try await connection.query(
      "SELECT definition, valid_from::text AS valid_from FROM analytics_rollups ORDER BY name, version DESC"
    )
    return try rows.map { row in
      RollupViews.Version(
        rollup: try Rollup(definition: try row.decode(String.self, "definition")),
        validFrom: try row.decode(String.self, "valid_from"))
    }
  }

  private func create(_ rollup: Rollup, among known: [RollupViews.Version]) async throws {
    for table in RollupTable.all(of: rollup) {
      try await connection.execute(table.creation)
      if let index = table.index { try await connection.execute(index) }
    }
    try await register(rollup)
  }

  /// Registers the rollup with the ranges in which raw events exist: one for each day, or for each
  /// 30 days of a partition that is longer than 31 days. Ranges go back as far as raw events were
  /// not dropped. Older days keep the figures of the previous version, if there is one.
  private func register(_ rollup: Rollup) async throws {
    _ = try await connection.query(
      """
      WITH registered AS (
          INSERT INTO analytics_rollups (name, version, definition, valid_from)
          SELECT \(rollup.name), \(Int32(rollup.version)), \(try definition(of: rollup)),
                 coalesce((SELECT dropped_before FROM analytics_retention), '-infinity')
          RETURNING name, version, valid_from
      ), replaced AS (
          UPDATE analytics_rollups SET problem = NULL, problem_at = NULL
          WHERE name = \(rollup.name) AND problem IS NOT NULL
      )
      INSERT INTO analytics_rollup_pending (name, version, lower, upper)
      SELECT name, version, step, least(step + span, p.upper_bound)
      FROM registered
      CROSS JOIN analytics_partitions() AS p
      CROSS JOIN LATERAL (SELECT CASE WHEN p.upper_bound - p.lower_bound <= interval '31 days'
                                      THEN interval '1 day' ELSE interval '30 days' END) AS s (span)
      CROSS JOIN LATERAL generate_series(
          p.lower_bound, p.upper_bound - interval '1 microsecond', span) AS step
      WHERE step >= valid_from
        AND EXISTS (SELECT FROM analytics_events AS e
                    WHERE e.timestamp >= step AND e.timestamp < least(step + span, p.upper_bound))
      """)
  }

  /// Recreates the derived SQL and the views, unless they are up to date.
  private func derive(
    from known: [RollupViews.Version], lockAttempts: Int = lockAttemptsMax
  ) async throws {
    let byName = Dictionary(grouping: known, by: \.rollup.name)
    let names = byName.keys.sorted()
    let newest = names.compactMap { byName[$0]?.first?.rollup }
    let views = RollupViews(versions: names.compactMap { byName[$0] }).script
    let derived = try newest.map { try json(DerivedRollup($0)) }
    let all = ([views.description] + derived).joined(separator: "\n")
    let mark = String(Hexadecimal.text(SHA256.hash(data: Data(all.utf8))).prefix(32))
    // The hash of what the existing objects were made from; NULL if there are none.
    let present: String? = try await connection.query(
      "SELECT obj_description('analytics_roll_up(bigint, boolean, bigint)'::regprocedure, 'pg_proc')"
    ).value()
    guard present != mark else { return }
    for (rollup, derived) in zip(newest, derived) {
      _ = try await connection.query(
        """
        UPDATE analytics_rollups SET derived = \(derived)::jsonb
        WHERE name = \(rollup.name) AND version = \(Int32(rollup.version))
        """)
    }
    try await dropViews(lockAttempts: lockAttempts)
    try await connection.execute(views)
    try await connection.execute(
      "COMMENT ON FUNCTION analytics_roll_up(bigint, boolean, bigint) IS \(literal: mark)")
    try await connection.execute(.grantRollups)
  }

  /// Drops the views, and keeps reports out until the end of the transaction. Reports that are
  /// running continue to read the views that match their snapshot.
  ///
  /// While this waits for such a report or for a dump, new reports queue behind it. So it waits for
  /// 200 ms at a time and lets them pass in between. A query of another user may hold one of the
  /// views and wait for a table that is locked here. 200 ms are less than the default
  /// `deadlock_timeout`, so this gives up before the server cancels that query.
  private func dropViews(lockAttempts: Int) async throws {
    let former: String = try await connection.query("SELECT current_setting('lock_timeout')")
      .value()
    for attempt in 1... {
      try await connection.execute("SAVEPOINT reports; \(Self.shortLockTimeout)")
      do {
        try await connection.execute("\(Self.lock);\n\(Self.drop)")
        break
      } catch {
        guard error.sqlState == .lockNotAvailable, attempt < lockAttempts else { throw error }
        try await connection.execute("ROLLBACK TO SAVEPOINT reports; RELEASE SAVEPOINT reports")
      }
    }
    _ = try await connection.query("SELECT set_config('lock_timeout', \(former), true)")
  }

  /// The limit applies to each lock, until the end of the transaction.
  static let shortLockTimeout: SQL = "SET LOCAL lock_timeout = '200ms'"
  private static let lock: SQL = "LOCK TABLE analytics_rollups IN ACCESS EXCLUSIVE MODE"
  /// The default number of attempts to lock the views: ten minutes at 200 ms each.
  private static let lockAttemptsMax = 3_000

  /// Drops all views in one statement, since they depend on one another. A view of another user is
  /// never dropped; if it reads one of these views, this raises an error.
  private static let drop: SQL = """
    DO $do$
    DECLARE
        views oid[] := ARRAY(
            SELECT oid FROM pg_catalog.pg_class
            WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace
                                  WHERE nspname = current_schema())
              AND relkind = 'v'
              AND (starts_with(relname, 'analytics_rollup_')
                   OR relname IN (\(RollupViews.names.map(SQL.literal).joined(separator: ", ")))));
        others text := (
            SELECT string_agg(DISTINCT r.ev_class::regclass::text, ', ')
            FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
            WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass
              AND d.refclassid = 'pg_catalog.pg_class'::regclass
              AND d.refobjid = ANY (views) AND r.ev_class <> ALL (views));
    BEGIN
        IF others IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'dependent_objects_still_exist', MESSAGE = format(
                'the views of rollups must be recreated, but %s reads them: drop it, migrate, create it again',
                others);
        END IF;
        IF views <> '{}' THEN
            EXECUTE 'DROP VIEW '
                || (SELECT string_agg(v::regclass::text, ', ') FROM unnest(views) AS v);
        END IF;
    END
    $do$
    """
}

extension StoreError {
  static func rollup(_ problem: String) -> Self { Self(.rollup, problem) }
}
