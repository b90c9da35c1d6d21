internal import CoreMetrics
internal import Synchronization

/// Stores the values of one series.
protocol Instrument: Sendable {
  var kind: MetricFamily.Kind { get }
  func samples(_ labels: [MetricFamily.Label]) -> [MetricFamily.Sample]
}

/// A counter: it only rises, until it is reset.
final class CounterInstrument: Instrument, CounterHandler, FloatingPointCounterHandler {
  private let value = Mutex(0.0)

  let kind = MetricFamily.Kind.counter

  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func increment(by amount: Double) {
    guard amount > 0 else { return }
    value.withLock { $0 += amount }
  }
  func reset() { value.withLock { $0 = 0 } }

  func samples(_ labels: [MetricFamily.Label]) -> [MetricFamily.Sample] {
    [.init(value.withLock(\.self), labels: labels)]
  }
}

/// A gauge: the value set last, and what was added to it or subtracted since.
final class GaugeInstrument: Instrument, MeterHandler, RecorderHandler {
  private let value = Mutex(0.0)

  let kind = MetricFamily.Kind.gauge

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { self.value.withLock { $0 = value } }
  func increment(by amount: Double) { value.withLock { $0 += amount } }
  func decrement(by amount: Double) { value.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }

  func samples(_ labels: [MetricFamily.Label]) -> [MetricFamily.Sample] {
    [.init(value.withLock(\.self), labels: labels)]
  }
}

/// A histogram: how many numbers are in each bucket.
final class HistogramInstrument: Instrument, RecorderHandler, TimerHandler {
  /// The upper bounds of the buckets, ascending. One more bucket has no upper bound.
  struct Bounds: Sendable {
    var values: [Double]

    /// From half a millisecond to a minute.
    static let seconds = Bounds(values: [
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ])
    /// Powers of four from 1 to about a million.
    static let numbers = Bounds(values: (0...10).map { Double(1 << (2 * $0)) })
  }

  private struct State {
    var counts: [UInt64]
    var sum = 0.0
  }

  let kind = MetricFamily.Kind.histogram
  private let bounds: [Double]
  private let state: Mutex<State>

  init(_ bounds: Bounds) {
    self.bounds = bounds.values
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.values.count + 1)))
  }

  func record(_ value: Int64) { record(Double(value)) }
  func record(_ value: Double) {
    guard value.isFinite else { return }
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func samples(_ labels: [MetricFamily.Label]) -> [MetricFamily.Sample] {
    let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
    var total: UInt64 = 0
    var samples: [MetricFamily.Sample] = []
    for (count, bound) in zip(counts, bounds + [.infinity]) {
      total += count
      samples.append(
        .init(
          Double(total), labels: labels + [.init("le", Exposition.bound(bound))],
          suffix: "_bucket"))
    }
    return samples + [
      .init(sum, labels: labels, suffix: "_sum"),
      .init(Double(total), labels: labels, suffix: "_count"),
    ]
  }
}

extension Exposition {
  /// Returns the bound of a bucket, the same text in both formats, so that a change of the format
  /// makes no new series.
  fileprivate static func bound(_ value: Double) -> String {
    value.isInfinite ? "+Inf" : String(value)
  }
}
