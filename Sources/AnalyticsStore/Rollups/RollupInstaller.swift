internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Crypto
internal import Foundation
internal import Logging

/// Makes the rollups of a database those that are defined here: tables, upkeep, views.
///
/// One transaction. Where a rollup is new it holds ingest up for a moment, so that each event is
/// either counted by the trigger or found by whoever fills in what was stored before.
struct RollupInstaller {
  let session: MigrationSession
  let rollups: [Rollup]
  let logger: Logger

  private var connection: PostgresConnection { session.connection }

  func apply() async throws {
    for rollup in rollups {
      if let problem = rollup.problem { throw MigrationError.rollup(problem) }
    }
    try await connection.transaction { _ in
      try await connection.execute("SET LOCAL search_path = \(session.schema.quoted), pg_temp")
      let known = try await registered()
      let new = try rollups.filter { try isNew($0, among: known) }
      if !new.isEmpty {
        // Waits for those who store at the moment, and keeps others from it until the commit.
        try await connection.execute("LOCK TABLE analytics_events IN SHARE ROW EXCLUSIVE MODE")
        for rollup in new { try await create(rollup, among: known) }
      }
      try await derive(from: new.isEmpty ? known : try await registered())
      for rollup in new {
        logger.info(
          "rollup created",
          metadata: [
            "analytics.rollup": "\(rollup.name)", "analytics.version": "\(rollup.version)",
          ])
      }
    }
  }

  private func isNew(_ rollup: Rollup, among known: [RollupViews.Version]) throws -> Bool {
    let versions = known.filter { $0.rollup.name == rollup.name }
    if let same = versions.first(where: { $0.rollup.version == rollup.version }) {
      guard try definition(of: same.rollup).isSame(as: definition(of: rollup)) else {
        throw MigrationError.rollup(
          "the definition of the rollup \(rollup.name) has changed: raise its version above "
            + "\(rollup.version); nothing was applied")
      }
      return false
    }
    // A newer program was here before.
    return !versions.contains { $0.rollup.version > rollup.version }
  }

  /// As JSON. Two definitions are the same if these are: `==` would call fields the same whose names
  /// differ as bytes.
  private func definition(of rollup: Rollup) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(rollup), as: UTF8.self)
  }

  private func registered() async throws -> [RollupViews.Version] {
    let rows = try await connection.query(
      "SELECT definition, valid_from::text AS valid_from FROM analytics_rollups ORDER BY name, version DESC"
    )
    return try rows.map { row in
      RollupViews.Version(
        rollup: try JSONDecoder().decode(
          Rollup.self, from: Data(try row.decode(String.self, "definition").utf8)),
        validFrom: try row.decode(String.self, "valid_from"))
    }
  }

  private func create(_ rollup: Rollup, among known: [RollupViews.Version]) async throws {
    for table in RollupTable.all(of: rollup) {
      try await connection.execute(table.creation)
      if let index = table.index { try await connection.execute(index) }
    }
    let hasPredecessor = known.contains { $0.rollup.name == rollup.name }
    _ = try await connection.query(
      Statement.registerRollup.text(in: session.schema),
      [
        .text(rollup.name), .int4(Int32(rollup.version)), .text(try definition(of: rollup)),
        .bool(hasPredecessor),
      ])
  }

  /// Trigger and views, where they are not what they should be.
  private func derive(from known: [RollupViews.Version]) async throws {
    let byName = Dictionary(grouping: known, by: \.rollup.name)
    let names = orderedNames(byName.keys)
    let newest = names.compactMap { byName[$0]?.first?.rollup }
    let views = RollupViews(versions: names.compactMap { byName[$0] }).script
    let script = RollupTrigger(rollups: newest, registered: known.count).script + "\n" + views
    let mark = String(SHA256.hash(data: Data(script.utf8)).hexadecimal.prefix(32))
    let present: String? = try await connection.query(
      Statement.rollupMark.text(in: session.schema)
    ).only().decode(at: 0)
    guard present != mark else { return }
    try await connection.execute(Statement.dropRollupViews.text(in: session.schema))
    try await connection.execute(script)
    try await connection.execute("COMMENT ON FUNCTION analytics_roll_up() IS '\(mark)'")
    try await connection.execute(Statement.grantRollups.text(in: session.schema))
  }

  /// The built-in ones in their order, then others by name: an order that all programs agree on,
  /// since it is that in which rows are locked.
  private func orderedNames(_ names: some Sequence<String>) -> [String] {
    let builtIn = Rollup.builtIn.map(\.name)
    return builtIn.filter(Set(names).contains) + names.filter { !builtIn.contains($0) }.sorted()
  }
}

extension MigrationError {
  static func rollup(_ problem: String) -> Self { Self(code: .rollup, description: problem) }
}
