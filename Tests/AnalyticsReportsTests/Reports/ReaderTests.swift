import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsReports
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import Logging
import Testing

@Suite("A role that may only read", .timeLimit(.minutes(60)))
struct ReaderTests {
  @Test("suffices for every report")
  func everyReport() async throws {
    var random = SeededGenerator.printingSeed()
    let suffix = UUID().uuidString.prefix(8).lowercased()
    let roles = AnalyticsRoles(writer: "writer-\(suffix)", reader: "reader-\(suffix)")
    try await ReportFixture.with { fixture in
      // The ranges end now, so raw events contribute to the figures.
      _ = try await fixture.storeFacts(
        500, in: Date().addingTimeInterval(-20 * 86_400)..<Date(), &random)
      let sink = try PostgresUsageSink(AnalyticsDatabase(url: fixture.url))
      let usage = UsageTracker(sink: sink)
      usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1)
      try await usage.flush()
      let migrator = Migrator(
        try AnalyticsDatabase(url: fixture.url),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      #expect(try await migrator.grant(roles) == .granted)
      let database = try fixture.database("role", roles.reader)
      for report in ReportCatalogue.standard.reports {
        let asked = try ReportCatalogue.standard.report(report.name, .needed(by: report.name))
        let series = try await asked.series(from: database)
        let same = try await asked.series(from: fixture.database)
        #expect(series.rows == same.rows, "\(report.name), seed \(random.seed)")
      }
      try await fixture.connection.execute(
        "DROP OWNED BY \"\(roles.writer)\", \"\(roles.reader)\"; "
          + "DROP ROLE \"\(roles.writer)\", \"\(roles.reader)\"")
    }
  }
}
