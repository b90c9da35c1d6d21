import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `analytics doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at everything that events need, and say what to do.",
    discussion: """
      Server, connection, rights, migrations, engine, compression, retention, bytes for each event, \
      partitions, lag, clocks, spool and disk, a line each with its verdict. Writes nothing.

      Exit code: 0 if all is well, 1 with a warning, 2 if something fails.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var spool: SpoolCommand.Folder
  @Flag(help: "Print the findings as JSON.") var json = false

  func run() async throws {
    let findings = await databaseFindings(try await database.url()) + spoolFindings()
    try StandardOutput.print(
      findings, asJSON: json, or: findings.map(\.text).joined(separator: "\n"))
    if findings.exitCode != 0 { throw ExitCode(findings.exitCode) }
  }

  private func databaseFindings(_ url: String) async -> [Finding] {
    do {
      let database = try AnalyticsDatabase(url: url, schema: database.schema)
      return try await database.withSession { connection in
        do {
          return try await look(database, connection)
        } catch {
          return [.fail("database", "\(error)", "mend that, and look again")]
        }
      }
    } catch {
      return [.fail("connection", "\(error)", "check the URL and the server")]
    }
  }

  private func look(
    _ database: AnalyticsDatabase, _ connection: PostgresConnection
  ) async throws -> [Finding] {
    let before = Date().timeIntervalSince1970
    let server = try await database.read(on: connection) { try await ServerFacts.read(on: $0) }
    let middle = (before + Date().timeIntervalSince1970) / 2
    var findings = Diagnosis.server(server, clockSeconds: middle)
    findings.append(Diagnosis.migrations(waiting: try await Migrator(database).dryRun().count))
    if server.hasTable, let storage = try await Migrator(database).storage() {
      findings += Diagnosis.storage(storage)
      let table = try await database.read(on: connection) { try await TableFacts.read(on: $0) }
      findings += Diagnosis.table(table)
    }
    return findings
  }

  private func spoolFindings() -> [Finding] {
    do {
      let report = try SpoolReport(folder: spool.folder)
      let attributes = try? FileManager.default.attributesOfFileSystem(forPath: spool.folder)
      let free = (attributes?[.systemFreeSize] as? any BinaryInteger).map { Int(clamping: $0) }
      return Diagnosis.spool(report, freeBytes: free)
    } catch {
      return [.fail("spool", "\(error)", "let this user read the folder, or give --folder")]
    }
  }
}
