internal import AnalyticsText
public import CoreMetrics
internal import Synchronization

/// A backend for swift-metrics whose metrics Prometheus scrapes.
///
/// ```swift
/// let registry = PrometheusRegistry()
/// MetricsSystem.bootstrap(registry)
/// ```
/// Every metric of the process is included. Counters become counters; meters, and recorders that do
/// not aggregate, become gauges; other recorders and timers become histograms, with timers in
/// seconds. Dots and dashes in names become `_`. A timer gets the suffix `_seconds`, unless its
/// name ends with `seconds`.
///
/// The number of series is limited, so that a label with ever new values cannot fill the memory.
/// Series beyond the limit are not stored, and are counted in `prometheus_series_refused_total`.
public final class PrometheusRegistry: MetricsFactory, Sendable {
  private struct Key: Hashable, Comparable {
    var name: String
    var labels: [MetricFamily.Label]

    /// Orders series, so that each scrape has them in the same order.
    static func < (left: Key, right: Key) -> Bool {
      guard left.name == right.name else { return left.name < right.name }
      for (left, right) in zip(left.labels, right.labels) where left != right {
        return (left.name, ExactString(left.value)) < (right.name, ExactString(right.value))
      }
      return left.labels.count < right.labels.count
    }
  }

  private struct State {
    var series: [Key: any Instrument] = [:]
    var refused = 0
  }

  private let seriesMax: Int
  private let helps: [String: String]
  private let state = Mutex(State())

  /// Makes a registry.
  ///
  /// - Parameters:
  ///   - helps: Help texts by the name of the metric. Other metrics have their name as help.
  ///   - seriesMax: The maximum number of series.
  public init(helps: [String: String] = [:], seriesMax: Int = 10_000) {
    self.helps = helps
    self.seriesMax = seriesMax
  }

  // MARK: - Metrics

  /// See `MetricsFactory`.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    series(label, dimensions) { CounterInstrument() } ?? CounterInstrument()
  }

  /// See `MetricsFactory`.
  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    series(label, dimensions) { CounterInstrument() } ?? CounterInstrument()
  }

  /// See `MetricsFactory`.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    series(label, dimensions) { GaugeInstrument() } ?? GaugeInstrument()
  }

  /// See `MetricsFactory`.
  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    guard aggregate else {
      return series(label, dimensions) { GaugeInstrument() } ?? GaugeInstrument()
    }
    return series(label, dimensions) { HistogramInstrument(.numbers) }
      ?? HistogramInstrument(.numbers)
  }

  /// See `MetricsFactory`.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    let name = label.ends(with: "seconds") ? label : label + "_seconds"
    return series(name, dimensions) { HistogramInstrument(.seconds) }
      ?? HistogramInstrument(.seconds)
  }

  /// - Returns: `nil` if there is no room, or if the series exists with another kind of metric.
  private func series<Series: Instrument>(
    _ label: String, _ dimensions: [(String, String)], _ make: () -> Series
  ) -> Series? {
    let labels = dimensions.map { MetricFamily.Label($0.0, $0.1) }
    let key = Key(name: MetricFamily.name(label), labels: labels.sorted { $0.name < $1.name })
    return state.withLock { state in
      if let known = state.series[key] { return known as? Series }
      guard state.series.count < seriesMax else {
        state.refused += 1
        return nil
      }
      let new = make()
      state.series[key] = new
      return new
    }
  }

  // Metrics outlive their handles, because a counter that is destroyed and made again must not
  // restart at 0.

  /// See `MetricsFactory`.
  public func destroyCounter(_ handler: any CounterHandler) {}
  /// See `MetricsFactory`.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  /// See `MetricsFactory`.
  public func destroyMeter(_ handler: any MeterHandler) {}
  /// See `MetricsFactory`.
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// See `MetricsFactory`.
  public func destroyTimer(_ handler: any TimerHandler) {}

  // MARK: - Reading

  /// All metrics at this moment, by name.
  public var families: [MetricFamily] {
    let (series, refused) = state.withLock { ($0.series, $0.refused) }
    var families: [String: MetricFamily] = [:]
    for (key, instrument) in series.sorted(by: { $0.key < $1.key }) {
      let kind = instrument.kind
      // Prometheus would refuse two kinds of metric under one name, so only the first kind is
      // included.
      guard families[key.name].map({ $0.kind == kind }) ?? true else { continue }
      // Samples are appended in place: a copy for each of a thousand series would cost more than
      // all else.
      families[
        key.name,
        default: MetricFamily(key.name, kind, help: helps[key.name] ?? key.name, samples: [])
      ].samples += instrument.samples(key.labels)
    }
    families["prometheus_series_refused_total"] = MetricFamily(
      "prometheus_series_refused_total", .counter,
      help: "Time series that were refused because there were too many.",
      samples: [.init(Double(refused))])
    return families.values.sorted { $0.name < $1.name }
  }
}
