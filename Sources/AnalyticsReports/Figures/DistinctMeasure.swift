internal import AnalyticsCatalogue
internal import AnalyticsPostgres
internal import AnalyticsText

/// Who or what is counted, each once: a distinct measure of a rollup, built in or an application's own.
public struct DistinctMeasure: Hashable, Sendable, CustomStringConvertible {
  /// The rollup's name.
  public var rollup: String
  /// The measure's name.
  public var measure: String

  /// Names a measure. A report refuses one that there is not.
  public init(_ measure: String, of rollup: String) {
    self.rollup = rollup
    self.measure = measure
  }

  /// What a report calls the column: like the measure, with a number behind it if that is how another column is called.
  func column(_ unit: Series.Unit, besides others: [String]) -> Series.Column {
    Series.Column(measure.distinguished(from: Set(others)), unit)
  }

  /// As people write it: `integrations.users`.
  public var description: String { "\(rollup).\(measure)" }
}

extension String {
  /// With a number behind it where it is taken: `hour_2`.
  func distinguished(from taken: Set<String>) -> String {
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
  static let of = ReportParameter(
    "of", "rollup.measure",
    "who or what is counted: a distinct measure of a rollup, as integrations.users; by default all users"
  )
}

extension ReportParameters {
  /// Which distinct measure is meant; `nil` for all users.
  func distinctMeasure() throws(ReportError) -> DistinctMeasure? {
    guard let text = text(.of) else { return nil }
    let parts = text.split(at: ".").map { String($0) }
    guard parts.count == 2 else {
      throw refusal(.of, "is a rollup and a measure, as integrations.users")
    }
    return DistinctMeasure(parts[1], of: parts[0])
  }
}

extension RollupReader {
  /// What asks for a measure's members; without one for those of all users.
  ///
  /// - Parameter filter: By service and environment.
  /// - Throws: ``ReportError/Code/invalidParameter`` if there is no such measure, or if its rollup cannot be filtered
  ///   like this.
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
        dimension, "the rollup \(rollup.name) does not tell apart by \(dimension)")
    }
    return MemberQuery(measure.measure, of: rollup, where: filter)
  }
}

extension Series.Unit {
  /// Of how many distinct values there are.
  init(of source: Source) { self = source == .userID ? .users : .distinct }
}

extension Rollup {
  /// The newest definition of each rollup that is not built in, by name. One that this version of the package cannot
  /// read is left out.
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
