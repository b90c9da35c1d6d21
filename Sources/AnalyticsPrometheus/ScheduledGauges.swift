internal import AnalyticsText
public import ServiceLifecycle
internal import Synchronization

/// Gauges whose values have to be queried, such as figures in a database. They are queried on a
/// schedule, so that no scrape waits for them. Each source is queried by itself, so that a failure
/// of one does not affect the others.
///
/// A source that fails keeps its last values. `analytics_figures_failures_total` counts its
/// failures, and `analytics_figures_age_seconds` says how old its values are.
public final class ScheduledGauges: Service {
  /// Metric families that are queried together.
  public struct Source: Sendable {
    /// The name in snake_case, which is the label `source` of the metrics about the source.
    public var name: String
    /// Queries the families.
    public var families: @Sendable () async throws -> [MetricFamily]

    /// Makes a source.
    public init(_ name: String, _ families: @escaping @Sendable () async throws -> [MetricFamily]) {
      self.name = name
      self.families = families
    }
  }

  private struct SourceState {
    var families: [MetricFamily] = []
    var at: ContinuousClock.Instant?
    var failures = 0
  }

  private let sources: [Source]
  private let interval: Duration
  private let now: @Sendable () -> ContinuousClock.Instant
  private let states: Mutex<[String: SourceState]>

  /// Makes the service.
  ///
  /// - Parameters:
  ///   - sources: The sources, each of which must have a different name.
  ///   - interval: The time from an answer of a source to the next query; above zero, and at most
  ///     36,500 days. Another value stops the process.
  public convenience init(_ sources: [Source], every interval: Duration = .seconds(30)) {
    self.init(sources, every: interval) { .now }
  }

  init(
    _ sources: [Source], every interval: Duration,
    now: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    OptionRange.require(noProblem: OptionRange.problem("interval", wait: interval))
    self.sources = sources
    self.interval = interval
    self.now = now
    states = Mutex(Dictionary(uniqueKeysWithValues: sources.map { ($0.name, SourceState()) }))
  }

  /// Queries all sources repeatedly, until graceful shutdown or cancellation.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        for source in self.sources {
          group.addTask {
            while !Task.isCancelled {
              await self.query(source)
              try? await Task.sleep(for: self.interval)
            }
          }
        }
      }
    }
  }

  /// Queries all sources once.
  package func refresh() async {
    await withTaskGroup(of: Void.self) { group in
      for source in sources { group.addTask { await self.query(source) } }
    }
  }

  private func query(_ source: Source) async {
    let families = try? await source.families()
    guard !Task.isCancelled else { return }
    let instant = now()
    states.withLock { states in
      if let families {
        states[source.name]?.families = families
        states[source.name]?.at = instant
      } else {
        states[source.name]?.failures += 1
      }
    }
  }

  /// The last values of all sources, and metrics about their failures and age.
  public var families: [MetricFamily] {
    let instant = now()
    let states = states.withLock(\.self)
    func label(_ name: String) -> [MetricFamily.Label] { [.init("source", name)] }
    let names = sources.map(\.name)
    return names.flatMap { states[$0]?.families ?? [] }
      + [
        MetricFamily(
          "analytics_figures_failures_total", .counter,
          help: "Queries of a source of figures that failed.",
          samples: names.map { name in
            .init(Double(states[name]?.failures ?? 0), labels: label(name))
          }),
        MetricFamily(
          "analytics_figures_age_seconds", .gauge, help: "How old the figures of a source are.",
          samples: names.compactMap { name in
            (states[name]?.at).map { at in
              .init((instant - at) / .seconds(1), labels: label(name))
            }
          }),
      ].filter { !$0.samples.isEmpty }
  }
}
