internal import AnalyticsPrometheus
internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation

extension ServerMetrics {
  /// Reads the open usage period and the one that was closed last.
  static func usage(from reports: ReportDatabase) async throws -> UsageFigures {
    var report = UsageByPeriod()
    report.latest = 2
    return UsageFigures(try await report.series(from: reports))
  }

  /// The metrics of both periods. A figure that only one of them has is 0 in the other.
  static func usageFamilies(_ figures: UsageFigures) -> [MetricFamily] {
    let (open, closed) = (figures.open, figures.closed.last)
    func family(
      _ name: String, _ help: String, _ period: UsageFigures.Period?
    ) -> MetricFamily? {
      guard let period, !figures.figures.isEmpty else { return nil }
      return MetricFamily(
        name, .gauge, help: help,
        samples: figures.figures.map { figure in
          .init(
            Double(period.values[figure] ?? 0),
            labels: [
              .init("kind", figure.kind.text), .init("measure", figure.measure.text),
              .init("name", figure.name.text),
            ])
        })
    }
    func instant(_ name: String, _ help: String, _ date: Date?) -> MetricFamily? {
      date.map {
        MetricFamily(name, .gauge, help: help, samples: [.init($0.timeIntervalSince1970)])
      }
    }
    return [
      family(
        "analytics_usage_open_period", "Usage in the open period, over all replicas.", open),
      instant(
        "analytics_usage_open_period_start_timestamp_seconds", "When the open period began.",
        open?.start),
      family(
        "analytics_usage_closed_period", "Usage in the last closed period.", closed),
      instant(
        "analytics_usage_closed_period_start_timestamp_seconds",
        "When the last closed period began.", closed?.start),
      instant(
        "analytics_usage_closed_period_end_timestamp_seconds",
        "When the last closed period ended.", closed?.end),
    ].compactMap(\.self)
  }
}
