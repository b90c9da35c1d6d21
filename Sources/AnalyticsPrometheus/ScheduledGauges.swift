public import ServiceLifecycle
internal import Synchronization

/// Gauges whose values have to be asked for, such as figures in a database: on a schedule of their
/// own, so that no scrape waits for them, and each by itself, so that one that fails leaves the others
/// alone.
///
/// One that fails keeps its last values; `analytics_figures_failures_total` counts it, and
/// `analytics_figures_age_seconds` says how old its values are.
public final class ScheduledGauges: Service {
  /// What is asked for together.
  public struct Source: Sendable {
    /// In snake_case; the label `source` of what is counted.
    public var name: String
    /// Asks.
    public var families: @Sendable () async throws -> [MetricFamily]

    /// Makes a source.
    public init(_ name: String, _ families: @escaping @Sendable () async throws -> [MetricFamily]) {
      self.name = name
      self.families = families
    }
  }

  private struct Standing {
    var families: [MetricFamily] = []
    var at: ContinuousClock.Instant?
    var failures = 0
  }

  private let sources: [Source]
  private let interval: Duration
  private let now: @Sendable () -> ContinuousClock.Instant
  private let standings: Mutex<[String: Standing]>

  /// - Parameters:
  ///   - sources: Each with a name of its own.
  ///   - interval: How long after an answer it is asked again.
  public convenience init(_ sources: [Source], every interval: Duration = .seconds(30)) {
    self.init(sources, every: interval) { .now }
  }

  init(
    _ sources: [Source], every interval: Duration,
    now: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.sources = sources
    self.interval = interval
    self.now = now
    standings = Mutex(Dictionary(uniqueKeysWithValues: sources.map { ($0.name, Standing()) }))
  }

  /// Asks again and again, until the service is to stop.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        for source in self.sources {
          group.addTask {
            while !Task.isCancelled {
              await self.ask(source)
              try? await Task.sleep(for: self.interval)
            }
          }
        }
      }
    }
  }

  /// Asks all sources once.
  package func refresh() async {
    await withTaskGroup(of: Void.self) { group in
      for source in sources { group.addTask { await self.ask(source) } }
    }
  }

  private func ask(_ source: Source) async {
    let families = try? await source.families()
    guard !Task.isCancelled else { return }
    let instant = now()
    standings.withLock { standings in
      if let families {
        standings[source.name]?.families = families
        standings[source.name]?.at = instant
      } else {
        standings[source.name]?.failures += 1
      }
    }
  }

  /// What was answered last.
  public var families: [MetricFamily] {
    let instant = now()
    let standings = standings.withLock(\.self)
    func label(_ name: String) -> [MetricFamily.Label] { [.init("source", name)] }
    let names = sources.map(\.name)
    return names.flatMap { standings[$0]?.families ?? [] }
      + [
        MetricFamily(
          "analytics_figures_failures_total", .counter, help: "Questions that were not answered.",
          samples: names.map { name in
            .init(Double(standings[name]?.failures ?? 0), labels: label(name))
          }),
        MetricFamily(
          "analytics_figures_age_seconds", .gauge, help: "How old the figures of a source are.",
          samples: names.compactMap { name in
            (standings[name]?.at).map { at in
              .init((instant - at) / .seconds(1), labels: label(name))
            }
          }),
      ].filter { !$0.samples.isEmpty }
  }
}
