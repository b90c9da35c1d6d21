internal import AnalyticsCatalogue

/// How integrations were used, by whom, and how often they failed.
///
/// Columns: time, `provider`; `connections`, `disconnections`, `uses`, `errors` in events;
/// `unique_users`; `error_rate`, errors of uses and errors.
public struct Integrations: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "integrations"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How integrations were connected and used, by how many users, and how often they failed."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters + [.provider]

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()
  /// These providers only; none for all.
  public var providers: [String] = []

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
    providers = parameters.texts(.provider)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let filter = origin.filter + .of(("provider", providers))
      try await reader.check(filter, of: .integrations, in: frame.range)
      let counts = ["connections", "disconnections", "uses", "errors"]
      let figures = try await reader.figures(
        counts, of: .integrations, in: frame.ranges, by: ["provider"], where: filter)
      let users = try await reader.members(
        "users", of: .integrations, in: frame.ranges, by: ["provider"], where: filter)
      return Series.overTime(
        Self.name, frame, by: ["provider"], groups: figures.groups,
        columns: counts.map { .init($0, .events) } + [
          .init("unique_users", .users), .init("error_rate", .ratio),
        ]
      ) { provider, piece in
        let cell = figures[provider, piece]
        let errors = cell.count("errors")
        return counts.map { .integer(cell.count($0)) } + [
          .integer(users[provider, piece]), .ratio(errors, of: errors + cell.count("uses")),
        ]
      }
    }
  }
}
