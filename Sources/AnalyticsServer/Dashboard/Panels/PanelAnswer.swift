internal import AnalyticsReports

/// What became of a panel's question.
struct PanelAnswer: Sendable {
  var panel: Panel
  /// The range and time zone in which it was asked.
  var range: DashboardRange
  var result: Result<Series, Problem>
}

extension [Panel] {
  /// Asks all at once, each for at most so long. One that fails leaves the others alone.
  func answers(
    in range: DashboardRange, from database: ReportDatabase, limit: Duration
  ) async -> [PanelAnswer] {
    await withTaskGroup(of: (Int, PanelAnswer).self) { group in
      for (index, panel) in enumerated() {
        group.addTask {
          (index, await panel.answer(in: range, from: database, limit: limit))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
        .sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}

extension Panel {
  fileprivate func answer(
    in range: DashboardRange, from database: ReportDatabase, limit: Duration
  ) async -> PanelAnswer {
    let result: Result<Series, Problem>
    do {
      let report = try ReportCatalogue.standard.report(report, values(in: range))
      result = .success(try await withDeadline(limit) { try await report.series(from: database) })
    } catch let error as ReportError {
      result = .failure(Problem(error))
    } catch let problem as Problem {
      result = .failure(problem)
    } catch {
      result = .failure(.unavailable("the question was interrupted"))
    }
    return PanelAnswer(panel: self, range: range, result: result)
  }

  /// What the report is told: of the page's range only what it knows, and never what is said already.
  private func values(in range: DashboardRange) -> ReportParameters {
    ReportParameters(query(in: range), now: range.now)
  }

  /// The same as the API takes it.
  func query(in range: DashboardRange) -> [String: [String]] {
    let known = ReportCatalogue.standard.reports.first { $0.name == report }?.parameters ?? []
    let names = Set(known.map(\.name))
    return range.parameters.filter { names.contains($0.key) }
      .merging(parameters) { $1 }
  }
}
