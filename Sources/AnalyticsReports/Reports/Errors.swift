internal import AnalyticsCatalogue

/// Which errors there were, and whom they met.
///
/// Columns: time, `service`, `error_type`; `error_count`; `affected_users`; `sample_error_message`,
/// the first of the messages in alphabetical order.
public struct Errors: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "errors"
  /// See ``CataloguedReport``.
  public static let explanation =
    "Which errors there were, how many users they met, and a message of each."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters + [.errorType]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// These types of errors only; none for all.
  public var errorTypes: [String] = []

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    errorTypes = parameters.texts(.errorType)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let dimensions = ["service", "error_type"]
      let filter = origin.filter + .of(("error_type", errorTypes))
      try await reader.check(filter, of: .errors, in: frame.range)
      let errors = try await reader.figures(
        ["errors", "sample_error_message"], of: .errors, in: frame.ranges, by: dimensions,
        where: filter)
      let users = try await reader.members(
        "users", of: .errors, in: frame.ranges, by: dimensions, where: filter)
      return Series.overTime(
        Self.name, frame, by: dimensions, groups: errors.groups,
        columns: [
          .init("error_count", .events), .init("affected_users", .users),
          .init("sample_error_message", .text),
        ]
      ) { group, piece in
        let cell = errors[group, piece]
        return [
          .integer(cell.count("errors")), .integer(users[group, piece]),
          cell.sample("sample_error_message").map(Series.Value.text) ?? .null,
        ]
      }
    }
  }
}

extension ReportParameter {
  static let errorType = ReportParameter(
    "error_type", "name", "of this type only", isRepeatable: true)
}
