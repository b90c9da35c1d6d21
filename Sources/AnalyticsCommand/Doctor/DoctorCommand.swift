import Analytics
import AnalyticsConnections
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The command `analytics doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the database and the spool, and suggest fixes.",
    discussion: """
      Prints a line with a verdict for each of these: server, connection, clocks, migrations, columns, \
      logging, triggers, engine, compression, retention, bytes for each event, rights, partitions, lag, \
      rollups, settings, subscriptions, refused events, raw events, batches, storing, spool and disk. \
      To test storing, one event is stored and rolled back. Nothing else is written.

      Exit code: 0 if all is well, 1 with a warning, 2 if something fails.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var spool: SpoolCommand.Directory
  @Flag(help: "Print the findings as JSON.") var json = false

  func run() async throws {
    let findings = try await databaseFindings() + spoolFindings()
    try StandardOutput.print(
      findings, asJSON: json, or: findings.map(\.text).joined(separator: "\n"))
    if findings.exitCode != 0 { throw ExitCode(findings.exitCode) }
  }

  /// - Throws: If no database is given, or the one of `--local` does not start. An invalid URL and
  ///   an unreachable server are findings.
  private func databaseFindings() async throws -> [Finding] {
    let examined: AnalyticsDatabase
    do { examined = try await database.database() } catch let error as StoreError {
      return [Self.unreachable(error)]
    }
    do { return try await Examination.findings(in: examined) } catch {
      return [Self.unreachable(error)]
    }
  }

  private static func unreachable(_ error: any Error) -> Finding {
    .fail("connection", "\(error)", "check the URL and the server")
  }

  private func spoolFindings() -> [Finding] {
    do {
      let report = try SpoolReport(directory: spool.directory)
      let attributes = try? FileManager.default.attributesOfFileSystem(forPath: spool.directory)
      let free = (attributes?[.systemFreeSize] as? any BinaryInteger).map { Int(clamping: $0) }
      return Diagnosis.spool(report, freeBytes: free)
    } catch {
      return [.fail("spool", "\(error)", "let this user read the directory, or give --directory")]
    }
  }
}
