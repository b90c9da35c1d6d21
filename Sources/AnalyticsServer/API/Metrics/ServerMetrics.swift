public import AnalyticsPrometheus
internal import AnalyticsReports
internal import CoreMetrics
internal import Foundation
internal import HTTPTypes

/// The metrics for Prometheus: those of the process, requests by route, and figures of the database
/// that are read on a schedule.
struct ServerMetrics: Sendable {
  let gauges: ScheduledGauges
  private let registry: PrometheusRegistry

  init(
    _ configuration: ReportServerConfiguration, reports: ReportDatabase, facts: EventFacts,
    clock: ServerClock
  ) {
    registry = configuration.metrics
    gauges = ScheduledGauges(
      [
        .init("instance") {
          Self.families(try await InstanceStatistics(now: clock.now()).values(from: reports))
        },
        .init("client_apps") {
          [Self.family(try await ClientAppsTotal.read(from: reports, now: clock.now()))]
        },
        .init("client_versions") {
          [Self.family(try await ClientVersion.mostUsed(in: reports, now: clock.now()))]
        },
        .init("usage") { Self.usageFamilies(try await Self.usage(from: reports)) },
        .init("pipeline") { Self.families(try await facts.pipeline(now: clock.now())) },
      ], every: configuration.limits.gaugeInterval)
  }

  /// All current metrics. Reads memory only, not the database.
  var families: [MetricFamily] { registry.families + gauges.families }

  /// Counts a request under its route's pattern. With the path itself as a label, each path would
  /// be a series of its own.
  func count(_ route: Route, _ status: Int, _ duration: Duration) {
    let labels = [
      ("method", route.method.rawValue), ("route", route.countedPath ?? route.path),
    ]
    Counter(
      label: "http_requests_total", dimensions: labels + [("status", String(status))],
      factory: registry
    ).increment()
    Timer(label: "http_request_duration_seconds", dimensions: labels, factory: registry)
      .recordNanoseconds(Int64(duration / .nanoseconds(1)))
  }

  // MARK: - Figures

  /// Named as in Unleash.
  private static func families(
    _ statistics: [(figure: InstanceStatistics.Figure, value: Int)]
  ) -> [MetricFamily] {
    statistics.compactMap { figure, value in
      let family: (name: String, help: String)? =
        switch figure {
        case .users: ("users_total", "Users ever seen.")
        case .environments: ("environments_total", "Environments of all events ever stored.")
        case .activeUsers(let days):
          ("users_active_\(days)", "Users with any event in the last \(days) times 24 hours.")
        case .productionChanges(let days):
          (figure.name, "Events in environments of production in the last \(days) times 24 hours.")
        // `client_apps_total` has these, with the label `range`.
        case .clientApplications: nil
        }
      return family.map {
        MetricFamily($0.name, .gauge, help: $0.help, samples: [.init(Double(value))])
      }
    }
  }

  /// Named and described as in Unleash.
  private static func family(_ applications: ClientAppsTotal) -> MetricFamily {
    let ranges = [
      ("allTime", applications.allTime), ("30d", applications.last30Days),
      ("7d", applications.last7Days),
    ]
    return MetricFamily(
      "client_apps_total", .gauge,
      help: "Number of registered client apps aggregated by range by last seen",
      samples: ranges.map { .init(Double($0.1), labels: [.init("range", $0.0)]) })
  }

  /// Named and labelled as in Unleash, which counts registrations instead.
  private static func family(_ versions: [ClientVersion]) -> MetricFamily {
    MetricFamily(
      "client_sdk_versions", .gauge,
      help: "Instances of client applications that were seen in the last 30 times 24 hours.",
      samples: versions.map {
        .init(
          Double($0.instances),
          labels: [.init("sdk_name", $0.application), .init("sdk_version", $0.version)])
      })
  }

  private static func families(_ pipeline: EventFacts.Pipeline) -> [MetricFamily] {
    func gauge(_ name: String, _ help: String, _ value: Double?) -> MetricFamily? {
      value.map { MetricFamily(name, .gauge, help: help, samples: [.init($0)]) }
    }
    return [
      gauge(
        "analytics_newest_event_timestamp_seconds",
        "Time of the newest event of the last two days.",
        pipeline.newest?.timeIntervalSince1970),
      gauge(
        "analytics_events_last_hour", "Events of the last hour that are stored.",
        Double(pipeline.lastHour)),
      gauge("analytics_events_ever", "Events that were ever stored.", Double(pipeline.ever)),
      gauge(
        "analytics_rollup_ranges_pending", "Ranges of rollups that are still to be computed.",
        Double(pipeline.pendingRanges)),
      gauge(
        "analytics_rollup_events_pending", "Stored events that are not rolled up yet.",
        Double(pipeline.pendingEvents)),
      gauge(
        "analytics_rollup_pending_since_timestamp_seconds",
        "When the oldest event that is not rolled up yet was stored.",
        pipeline.pendingSince?.timeIntervalSince1970),
      gauge(
        "analytics_rollup_problems", "Rollups that events could not be merged into.",
        Double(pipeline.problems.count)),
    ].compactMap(\.self)
  }

  /// The help texts of the metrics of this package and its server.
  static let helps = [
    "http_requests_total": "Answered requests, by route pattern and status.",
    "http_request_duration_seconds": "How long answers took.",
    "analytics_events_tracked_total": "Calls of track.",
    "analytics_events_recovered_total": "Events found in orphaned segments of ended processes.",
    "analytics_events_stored_total": "Events stored.",
    "analytics_events_duplicate_total": "Events that were stored before.",
    "analytics_events_rejected_total":
      "Events that the worker or the database rejected, by reason.",
    "analytics_events_dropped_total":
      "Events that were not accepted, or were lost while they waited, by reason.",
    "analytics_events_pending": "Events that wait to be stored.",
    "analytics_spool_bytes": "Bytes that the buffer occupies.",
    "analytics_batch_rows": "Rows per batch.",
    "analytics_write_duration_seconds": "How long a batch took to be stored.",
    "analytics_catch_up_duration_seconds":
      "How long a worker waited after a batch because too many events were pending.",
    "analytics_write_retries_total": "Attempts to store that failed for a temporary reason.",
    "analytics_usage_dropped_total": "Usage that was not accepted.",
    "analytics_usage_flush_failures_total": "Failed flushes of usage; their data is kept.",
  ]
}

extension PrometheusRegistry {
  /// Creates a registry with the help texts of this package's metrics, for a process that tracks
  /// events and serves reports.
  public static func analytics() -> PrometheusRegistry {
    PrometheusRegistry(helps: ServerMetrics.helps)
  }
}
