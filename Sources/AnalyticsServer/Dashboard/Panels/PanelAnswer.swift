internal import AnalyticsReports
internal import AnalyticsText

/// The result of a panel's query.
struct PanelAnswer: Sendable {
  var panel: Panel
  /// The range and the time zone of the query.
  var range: DashboardRange
  var result: Result<Series, Problem>
}

extension [PanelAnswer] {
  /// A problem of the page rather than of a panel: one with a parameter in the page's URL, or one
  /// that all panels have.
  func problem(of query: QueryItems) -> Problem? {
    let problems = compactMap { answer in
      if case .failure(let problem) = answer.result { problem } else { nil }
    }
    let ofParameter = problems.first { problem in
      problem.parameter.map { query[$0] != nil } ?? false
    }
    return ofParameter ?? (problems.count == count ? problems.first : nil)
  }
}

extension [Panel] {
  /// Runs the queries of all panels at once, each within the limit. Panels with the same query
  /// share it. A query that fails does not affect the others.
  func answers(
    in range: DashboardRange, from database: ReportDatabase, limit: Duration,
    failures: FailureLog
  ) async -> [PanelAnswer] {
    let questions = Dictionary(map { ($0.question(in: range), $0) }) { first, _ in first }
    let results = await withTaskGroup(of: (ExactString, Result<Series, Problem>).self) { group in
      for (question, panel) in questions {
        group.addTask {
          let result = await panel.result(in: range, from: database, limit: limit)
          return (
            question,
            result.mapError {
              failures.problem(of: $0) ?? .unavailable("the query was interrupted")
            }
          )
        }
      }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    return compactMap { panel in
      results[panel.question(in: range)].map {
        PanelAnswer(panel: panel, range: range, result: $0)
      }
    }
  }
}

extension Panel {
  fileprivate func result(
    in range: DashboardRange, from database: ReportDatabase, limit: Duration
  ) async -> Result<Series, any Error> {
    do {
      let report = try catalogue.report(report, values(in: range))
      return .success(try await withDeadline(limit) { try await report.series(from: database) })
    } catch {
      return .failure(error)
    }
  }

  /// Identifies the query: it is the same for panels with the same parameters.
  fileprivate func question(in range: DashboardRange) -> ExactString {
    ExactString(Link.to(report, query(in: range)))
  }

  /// The report's parameters. Those of the panel override those of the page.
  private func values(in range: DashboardRange) -> ReportParameters {
    ReportParameters(query(in: range), now: range.now)
  }

  /// The parameters as the API takes them: of the page's parameters only those that the report has.
  func query(in range: DashboardRange) -> [String: [String]] {
    let known = (try? catalogue.entry(report))?.parameters ?? []
    let names = Set(known.map(\.name)).subtracting(ignoredParameters)
    return range.parameters.filter { names.contains($0.key) }
      .merging(parameters.map { ($0.name, $0.values) }) { $1 }
  }
}
