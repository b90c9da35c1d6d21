internal import AnalyticsReports
internal import AnalyticsText

/// What became of a panel's question.
struct PanelAnswer: Sendable {
  var panel: Panel
  /// The range and time zone in which it was asked.
  var range: DashboardRange
  var result: Result<Series, Problem>
}

extension [PanelAnswer] {
  /// What is wrong with the page rather than with a panel: what its address says, or all that it asks.
  func problem(of query: QueryItems) -> Problem? {
    let problems = compactMap { answer in
      if case .failure(let problem) = answer.result { problem } else { nil }
    }
    let said = problems.first { problem in problem.parameter.map { query[$0] != nil } ?? false }
    return said ?? (problems.count == count ? problems.first : nil)
  }
}

extension [Panel] {
  /// Asks all at once, each for at most so long, and what several panels show only once. A question
  /// that fails leaves the others alone.
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
              failures.problem(of: $0) ?? .unavailable("the question was interrupted")
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

  /// The same for panels that ask the same.
  fileprivate func question(in range: DashboardRange) -> ExactString {
    ExactString(Link.to(report, query(in: range)))
  }

  /// What the report is told: of the page's range only what it knows, and never what is said already.
  private func values(in range: DashboardRange) -> ReportParameters {
    ReportParameters(query(in: range), now: range.now)
  }

  /// The same as the API takes it.
  func query(in range: DashboardRange) -> [String: [String]] {
    let known = (try? catalogue.entry(report))?.parameters ?? []
    let names = Set(known.map(\.name)).subtracting(untold)
    return range.parameters.filter { names.contains($0.key) }
      .merging(parameters) { $1 }
  }
}
