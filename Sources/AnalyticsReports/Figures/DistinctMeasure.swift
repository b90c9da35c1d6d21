internal import AnalyticsPostgres
internal import AnalyticsRollups
internal import AnalyticsText

/// A distinct measure of a rollup, built in or an application's own. It counts each value, such as
/// a user, once.
public struct DistinctMeasure: Hashable, Sendable, CustomStringConvertible {
  /// The rollup's name.
  public var rollup: String
  /// The measure's name.
  public var measure: String

  /// Names a measure. A report refuses a measure that does not exist.
  public init(_ measure: String, of rollup: String) {
    self.rollup = rollup
    self.measure = measure
  }

  /// Returns the column for this measure. It is named after the measure, with a number appended if
  /// another column has that name.
  func column(_ unit: Series.Unit, besides others: [String]) -> Series.Column {
    Series.Column(measure.madeUnique(among: Set(others)), unit)
  }

  /// The measure as people write it: `integrations.users`.
  public var description: String { "\(rollup).\(measure)" }
}

extension String {
  /// The text with a number appended if it is taken: `hour_2`.
  func madeUnique(among taken: Set<String>) -> String {
    var name = self
    var number = 1
    while taken.contains(name) {
      number += 1
      name = "\(self)_\(number)"
    }
    return name
  }
}

extension ReportParameter {
  package static let of = ReportParameter(
    "of", .text("rollup.measure"),
    "the distinct measure of a rollup to count, such as integrations.users; by default all users"
  )
}

extension ReportParameters {
  /// Returns the distinct measure to count; `nil` for all users.
  func distinctMeasure() throws(ReportError) -> DistinctMeasure? {
    guard let text = text(.of) else { return nil }
    let parts = text.split(at: ".").map { String($0) }
    guard parts.count == 2 else {
      throw refusal(.of, text, rule: "must be a rollup and a measure, such as integrations.users")
    }
    return DistinctMeasure(parts[1], of: parts[0])
  }
}

extension RollupReader {
  /// Returns the query for the members of a measure, or for all users if there is no measure.
  ///
  /// - Parameter filter: The services and environments to include.
  /// - Throws: ``ReportError/Code/invalidParameter`` if there is no such measure, or if its
  ///   rollup does not have the dimensions of the filter.
  func query(
    _ measure: DistinctMeasure?, where filter: DimensionFilter = []
  ) async throws -> MemberQuery {
    guard let measure else { return .users(where: filter) }
    let rollups = Rollup.builtIn + (try await Rollup.own(connection))
    guard let rollup = rollups.first(where: { $0.name.isSame(as: measure.rollup) }),
      rollup.distinctMeasures.contains(where: { $0.name.isSame(as: measure.measure) })
    else {
      let known = rollups.flatMap { rollup in
        rollup.distinctMeasures.map { "\(rollup.name).\($0.name)" }
      }
      let name = measure.description
      throw ReportError.invalid(
        "of",
        "there is no distinct measure \(name.quoted)" + name.suggestion(orAllOf: known))
    }
    for dimension in filter.dimensions
    where !rollup.dimensions.contains(where: { $0.name == dimension && $0.isOfOrigin }) {
      throw ReportError.invalid(
        dimension, "the rollup \(rollup.name) does not have the dimension \(dimension)")
    }
    return MemberQuery(measure.measure, of: rollup, where: filter)
  }
}

extension Series.Unit {
  /// The unit of the number of distinct values of a source.
  init(of source: Source) { self = source == .userID ? .users : .distinct }
}

extension Rollup {
  /// Returns the newest definition of each rollup that is not built in, by name. Definitions that
  /// this version of the package cannot read are left out.
  static func own(_ connection: PostgresConnection) async throws(PostgresError) -> [Rollup] {
    let definitions: [String] = try await connection.query(
      """
      SELECT DISTINCT ON (name) definition FROM analytics_rollups
      WHERE name <> ALL (\(Rollup.builtIn.map(\.name))) ORDER BY name, version DESC
      """
    ).values()
    return definitions.compactMap { try? Rollup(definition: $0) }
  }
}
