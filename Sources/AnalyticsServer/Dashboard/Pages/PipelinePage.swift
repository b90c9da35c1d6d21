internal import AnalyticsReports
internal import Foundation

/// The page that shows whether every event arrives: the events that this process tracked, and those
/// in the database.
struct PipelinePage {
  let facts: EventFacts
  let process: (@Sendable () -> [ProcessFact])?
  let now: Date

  func html() async throws -> HTML {
    "<div class=\"panels\">\(processPanel)\(try await databasePanels())</div>"
  }

  /// The part of the page that needs no database.
  var ownEvents: HTML { "<div class=\"panels\">\(processPanel)</div>" }

  private static func tiles(_ tiles: [(String, String)]) -> HTML {
    let parts: [HTML] = tiles.map { label, value in
      "<div class=\"tile\"><dt>\(label)</dt><dd>\(value)</dd></div>"
    }
    return "<dl class=\"tiles\">\(parts)</dl>"
  }

  private var processPanel: HTML? {
    guard let facts = process?() else { return nil }
    let tiles = facts.map { ($0.label, Quantity.count.text(Double($0.value))) }
    return """
      <section class="panel wide"><h2>This server's own events</h2>\(Self.tiles(tiles))
      <p class="note">At every moment tracked + recovered = stored + duplicates + rejected + dropped \
      + pending.</p></section>
      """
  }

  private func databasePanels() async throws -> HTML {
    let pipeline = try await facts.pipeline(now: now)
    let lastDay = try await facts.stored(inHours: 24, before: now)
    return stored(pipeline, lastDay: lastDay) + Self.migrations(pipeline)
  }

  private func stored(_ pipeline: EventFacts.Pipeline, lastDay: Int) -> HTML {
    let newest = pipeline.newest.map { date in
      let seconds = max(0, now.timeIntervalSince(date))
      return Quantity.seconds.text(seconds.rounded()) + " ago"
    }
    let count = { (value: Int) in Quantity.count.text(Double(value)) }
    let tiles = [
      ("Newest event", newest ?? "over 2 days ago"), ("Last hour", count(pipeline.lastHour)),
      ("Last 24 hours", count(lastDay)), ("Ever", count(pipeline.ever)),
      ("To be rolled up", count(pipeline.pendingEvents)),
      ("Ranges to compute", count(pipeline.pendingRanges)),
      (
        "Raw events since",
        pipeline.droppedBefore.map { LocalDay($0, in: .gmt).text } ?? "the first one"
      ),
    ]
    return """
      <section class="panel wide"><h2>Stored events</h2>\(Self.tiles(tiles))\(notes(pipeline))</section>
      """
  }

  /// Problems of the rollups, and their remedies.
  private func notes(_ pipeline: EventFacts.Pipeline) -> [HTML] {
    var notes: [HTML] = pipeline.problems.map { problem in
      """
      <p class="problem" role="alert">The rollup <code>\(problem.rollup)</code> cannot be computed: \
      \(problem.reason)</p>
      """
    }
    if pipeline.pendingRanges > 0 {
      notes.append(
        "<p class=\"note\">Figures of some days are incomplete: run <code>analytics rollups refresh</code>.</p>"
      )
    }
    if let since = pipeline.pendingSince, now.timeIntervalSince(since) > 60 {
      notes.append(
        """
        <p class="note">Events have not been rolled up since \(since.text(in: .gmt)) (UTC): figures are exact, and take \
        longer. Run <code>analytics maintain</code>.</p>
        """)
    }
    return notes
  }

  private static func migrations(_ pipeline: EventFacts.Pipeline) -> HTML {
    let rows: [HTML] = pipeline.migrations.map { migration in
      """
      <tr><td class="number">\(migration.version)</td><td>\(migration.name)</td>\
      <td>\(migration.appliedAt.text(in: .gmt))</td></tr>
      """
    }
    return """
      <section class="panel wide"><h2>Migrations</h2><div class="scroll"><table><thead><tr>\
      <th scope="col" class="number">number</th><th scope="col">name</th>\
      <th scope="col">applied (UTC)</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }
}
