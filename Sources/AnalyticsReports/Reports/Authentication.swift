internal import AnalyticsCatalogue

/// Log-ins and whether they succeeded.
///
/// Columns: time; `login_attempts`, `successful_logins`, `failed_logins`, `code_verifications`,
/// `token_refreshes` in events; `unique_users_authenticated`, who succeeded with a log-in, a code or a
/// token refresh; `login_success_rate`.
public struct Authentication: CataloguedReport {
  /// See ``CataloguedReport``.
  public static let name = "authentication"
  /// See ``CataloguedReport``.
  public static let explanation =
    "How many log-ins succeeded and failed, and how many users got in."
  /// See ``CataloguedReport``.
  public static let parameters = ReportParameter.frame + Origin.parameters

  /// The range, its pieces, and whose days they are.
  public var frame: TimeFrame
  /// Which events count, by where they come from.
  public var origin = Origin()

  /// Makes the report.
  public init(frame: TimeFrame) { self.frame = frame }

  /// See ``CataloguedReport``.
  public init(_ parameters: ReportParameters) throws(ReportError) {
    self.init(frame: try parameters.frame())
    origin = Origin(parameters)
  }

  /// See ``Report``.
  public func series(from database: ReportDatabase) async throws(ReportError) -> Series {
    try await database.series { reader in
      let counts = [
        "login_attempts", "successful_logins", "failed_logins", "code_verifications",
        "token_refreshes",
      ]
      let filter = origin.filter
      try await reader.check(filter, in: frame.range)
      let figures = try await reader.figures(
        counts, of: .authentication, in: frame.ranges, where: filter)
      let users = try await reader.members(
        "users", of: .authentication, in: frame.ranges, where: filter)
      return Series.overTime(
        Self.name, frame,
        columns: counts.map { .init($0, .events) } + [
          .init("unique_users_authenticated", .users), .init("login_success_rate", .ratio),
        ]
      ) { group, piece in
        let cell = figures[group, piece]
        return counts.map { .integer(cell.count($0)) } + [
          .integer(users[group, piece]),
          .ratio(cell.count("successful_logins"), of: cell.count("login_attempts")),
        ]
      }
    }
  }
}
