internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import Foundation

/// The SQL by which the database maintains a rollup. It is derived from the definition and stored
/// beside it in `analytics_rollups.derived`. The functions that roll up and read put the parts
/// together.
///
/// Each part reads the events from a common table expression named after the rollup (`"<name>
/// events"`), and the numbers of members from `users` and `members` (see `analytics_numbering`).
struct DerivedRollup: Codable, Equatable {
  struct Relation: Codable, Equatable {
    /// The table that stores the relation's rows, and its time column.
    var table: String
    var time: String
    /// A query for the rows that events make in the relation.
    var rows: String
  }

  /// A condition on an event `e`: whether the rollup counts events of its type.
  var condition: String
  /// The common table expressions that merge events into all tables of the rollup.
  var merging: String
  /// A query over `events` for `kind` and `member` of the texts that the distinct measures count;
  /// `nil` if there are none.
  var members: String?
  /// The relations, by name.
  var relations: [String: Relation]

  init(_ rollup: Rollup) {
    let statements = RollupStatements(rollup: rollup)
    condition =
      rollup.eventTypes.isEmpty ? "true" : Condition.type(rollup.eventTypes).sql.description
    merging = statements.merging.joined(separator: ",\n").description
    let texts = rollup.distinctMeasures.compactMap(statements.texts)
    members = texts.isEmpty ? nil : texts.joined(separator: "\nUNION\n").description
    relations = [:]
    for table in RollupTable.all(of: rollup) {
      let columns = table.columns.map { "f.\($0.sql)::\($0.type.sql)" as SQL }
      relations[table.relation] = Relation(
        table: table.name, time: table.key[0].name,
        rows: """
          SELECT \(columns.joined(separator: ", "))
          FROM (\(statements.reading(table))) AS f
          """.description)
    }
  }
}
