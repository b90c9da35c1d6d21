import Metrics
import Synchronization

/// The pipeline's metrics in swift-metrics. docs/METRICS.md explains each.
///
/// `track` itself reports nothing: spool maintenance reads the counts at intervals, so a slow
/// metrics backend does not delay any request.
final class PipelineMetrics: Sendable {
  private let tracked = Counter(label: "analytics_events_tracked_total")
  private let recovered = Counter(label: "analytics_events_recovered_total")
  private let stored = Counter(label: "analytics_events_stored_total")
  private let duplicates = Counter(label: "analytics_events_duplicate_total")
  private let dropped = counters("analytics_events_dropped_total", DropReason.allCases)
  private let rejected = counters("analytics_events_rejected_total", RejectReason.allCases)
  private let pending = Gauge(label: "analytics_events_pending")
  private let spoolBytes = Gauge(label: "analytics_spool_bytes")
  private let batchRows = Recorder(label: "analytics_batch_rows")
  private let writeSeconds = Timer(
    label: "analytics_write_duration", preferredDisplayUnit: .seconds)
  private let catchUpSeconds = Timer(
    label: "analytics_catch_up_duration", preferredDisplayUnit: .seconds)
  private let retries = Counter(label: "analytics_write_retries_total")
  private let published = Mutex(EventAccounting())

  private static func counters<Reason: RawRepresentable<String> & Hashable>(
    _ label: String, _ reasons: [Reason]
  ) -> [Reason: Counter] {
    Dictionary(
      uniqueKeysWithValues: reasons.map {
        ($0, Counter(label: label, dimensions: [("reason", $0.rawValue)]))
      })
  }

  func wrote(rows: Int, in duration: Duration) {
    batchRows.record(rows)
    writeSeconds.record(duration: duration)
  }

  /// Records how long the worker waited after a batch until the sink had caught up. Times below a
  /// millisecond are not recorded.
  func waited(_ duration: Duration) {
    guard duration >= .milliseconds(1) else { return }
    catchUpSeconds.record(duration: duration)
  }

  func retried() { retries.increment() }

  /// Reports the changes since the last call.
  func publish(_ accounting: EventAccounting, spoolBytes bytes: Int) {
    let last = published.withLock { last in
      defer { last = accounting }
      return last
    }
    tracked.increment(by: accounting.tracked - last.tracked)
    recovered.increment(by: accounting.recovered - last.recovered)
    stored.increment(by: accounting.stored - last.stored)
    duplicates.increment(by: accounting.duplicates - last.duplicates)
    for (reason, counter) in dropped {
      counter.increment(
        by: accounting.dropped[reason, default: 0] - last.dropped[reason, default: 0])
    }
    for (reason, counter) in rejected {
      counter.increment(
        by: accounting.rejected[reason, default: 0] - last.rejected[reason, default: 0])
    }
    pending.record(accounting.pending)
    spoolBytes.record(bytes)
  }
}
