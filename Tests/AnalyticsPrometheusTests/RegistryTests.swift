import AnalyticsPrometheus
import CoreMetrics
import Testing

@Suite("Metrics of a process")
struct RegistryTests {
  private func sample(
    _ registry: PrometheusRegistry, _ name: String, _ suffix: String = "",
    _ labels: [MetricFamily.Label] = []
  ) -> Double? {
    registry.families.first { $0.name == name }?.samples
      .first { $0.suffix == suffix && $0.labels == labels }?.value
  }

  @Test("with one name and equal labels are one metric, in whatever order the labels are given")
  func counters() {
    let registry = PrometheusRegistry()
    Counter(label: "a.b", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment(by: 2)
    Counter(label: "a.b", dimensions: [("y", "2"), ("x", "1")], factory: registry).increment()
    #expect(sample(registry, "a_b", "", [.init("x", "1"), .init("y", "2")]) == 3)
  }

  @Test("that are meters or gauges have the value that was set, with later changes")
  func meters() {
    let registry = PrometheusRegistry()
    let meter = Meter(label: "level", factory: registry)
    meter.set(4)
    meter.increment(by: 2)
    meter.decrement(by: 1)
    #expect(sample(registry, "level") == 5)
    Gauge(label: "gauge", factory: registry).record(7)
    #expect(sample(registry, "gauge") == 7)
  }

  @Test("measure times in seconds, in buckets that include their upper bound")
  func timers() {
    let registry = PrometheusRegistry()
    let timer = Timer(label: "wait", factory: registry)
    for milliseconds in [1, 2, 30, 90_000] { timer.recordMilliseconds(milliseconds) }
    func bucket(_ bound: String) -> Double? {
      sample(registry, "wait_seconds", "_bucket", [.init("le", bound)])
    }
    #expect(bucket("0.001") == 1)
    #expect(bucket("0.0025") == 2)
    #expect(bucket("60.0") == 3)
    #expect(bucket("+Inf") == 4)
    #expect(sample(registry, "wait_seconds", "_count") == 4)
    #expect(abs((sample(registry, "wait_seconds", "_sum") ?? 0) - 90.033) < 1e-6)
  }

  @Test("are bounded in number, and the refused ones are counted")
  func bound() {
    let registry = PrometheusRegistry(seriesMax: 3)
    for number in 0..<10 {
      Counter(label: "c", dimensions: [("n", "\(number)")], factory: registry).increment()
    }
    #expect(registry.families.first { $0.name == "c" }?.samples.count == 3)
    #expect(sample(registry, "prometheus_series_refused_total") == 7)
  }

  @Test("lose no count when many threads count")
  func threads() async {
    let registry = PrometheusRegistry()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 { Counter(label: "c", factory: registry).increment() }
        }
      }
    }
    #expect(sample(registry, "c") == 8000)
  }
}

@Suite("Gauges on a schedule")
struct ScheduledGaugesTests {
  private struct Failure: Error {}

  @Test("a failure is counted and does not affect other gauges; the last values stay")
  func failure() async {
    let isWell = Switch()
    let gauges = ScheduledGauges([
      .init("good") { [MetricFamily("good", .gauge, help: "", samples: [.init(1)])] },
      .init("bad") {
        guard await isWell.isOn else { throw Failure() }
        return [MetricFamily("bad", .gauge, help: "", samples: [.init(2)])]
      },
    ])
    func value(_ name: String, _ labels: [MetricFamily.Label] = []) -> Double? {
      gauges.families.first { $0.name == name }?.samples.first { $0.labels == labels }?.value
    }
    await gauges.refresh()
    await isWell.turn(false)
    await gauges.refresh()
    await gauges.refresh()
    #expect(value("good") == 1)
    #expect(value("bad") == 2)
    #expect(value("analytics_figures_failures_total", [.init("source", "bad")]) == 2)
    #expect(value("analytics_figures_failures_total", [.init("source", "good")]) == 0)
    #expect(value("analytics_figures_age_seconds", [.init("source", "bad")]) != nil)
  }

  private actor Switch {
    private(set) var isOn = true
    func turn(_ isOn: Bool) { self.isOn = isOn }
  }
}
