public import AnalyticsRollups
internal import AnalyticsText

extension RollupReport {
  /// Makes the default report of a rollup: everything that it has.
  ///
  /// Columns: time; the dimensions requested; each measure under its name. A sum is followed by its
  /// average, `avg_amount` for `amount_sum` or `amount`, if the rollup has a histogram of the same
  /// field, or a count of the events that have it. A histogram has percentiles, `p99_amount`. A
  /// field whose name ends with `_ms` or `_seconds` is a duration.
  public init(of rollup: Rollup) {
    let names = rollup.measures.map(\.name)
    self.init(
      rollup.name.replacing("_", by: "-"),
      "The measures of the rollup \(rollup.name): \(names.joined(separator: ", ")).", over: rollup,
      figures: rollup.measures.flatMap { rollup.figures(of: $0) })
  }
}

extension Rollup {
  fileprivate func figures(of measure: Measure) -> [RollupFigure] {
    let name = measure.name
    switch measure.kind {
    case .count: return [.init(name, .count(name))]
    case .max(let field): return [.init(name, .maximum(name, Series.Unit(ofField: field)))]
    case .sample, .first: return [.init(name, .sample(name))]
    case .distinct(let source):
      return [.init(name, .distinct(name, Series.Unit(of: source)))]
    case .histogram(let field):
      return [.init(name, .percentiles(name, Series.Unit(ofField: field)))]
    case .sum(let field):
      let unit = Series.Unit(ofField: field)
      let sum = RollupFigure(name, .sum(name, unit))
      guard let count = count(ofSum: measure, field) else { return [sum] }
      let stem = name.ends(with: "_sum") ? String(name.dropLast(4)) : name
      return [sum, .init("avg_\(stem)", .average(sum: name, over: count.name, unit))]
    }
  }

  /// Returns the measure that counts the numbers in a sum.
  private func count(ofSum sum: Measure, _ field: String) -> Measure? {
    let hasNumber = Condition.hasNumber(field)
    let counted =
      sum.condition.map { [.all([$0, hasNumber]), .all([hasNumber, $0])] } ?? [hasNumber]
    return measures.first { measure in
      switch measure.kind {
      case .histogram(let other): other.isSame(as: field) && measure.condition == sum.condition
      case .count: measure.condition.map(counted.contains) ?? false
      case .sum, .max, .distinct, .sample, .first: false
      }
    }
  }
}

extension Series.Unit {
  fileprivate init(ofField name: String) {
    self =
      if name.ends(with: "_ms") { .milliseconds } else if name.ends(with: "_seconds") {
        .seconds
      } else { .number }
  }
}

// MARK: - Reports of an installation

extension ReportDatabase {
  /// Returns the reports of this package, followed by ``ownReports()``.
  ///
  /// - Throws: ``ReportError``.
  public func catalogue() async throws(ReportError) -> ReportCatalogue {
    ReportCatalogue(ReportCatalogue.standard.reports + (try await ownReports()).map { .init($0) })
  }

  /// Returns a report for each rollup that the application has defined, by its current definition.
  /// The report has the name of the rollup, with hyphens. A name that a report of this package has,
  /// or that begins with `rollup-`, gets `rollup-` before it, so that no other rollup can take it.
  ///
  /// - Throws: ``ReportError``.
  public func ownReports() async throws(ReportError) -> [RollupReport] {
    let rollups = try await read { connection in try await Rollup.own(connection) }
    return rollups.map { rollup in
      var report = RollupReport(of: rollup)
      if ReportCatalogue.standard.has(report.name) || report.name.begins(with: "rollup-") {
        report.name = "rollup-" + report.name
      }
      return report
    }
  }
}
