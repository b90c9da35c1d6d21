import AnalyticsStore
import ArgumentParser

/// The command `analytics maintain`.
struct MaintainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maintain",
    abstract: "Make partitions ahead of time and drop raw events that are old enough.",
    discussion: """
      For cron, once an hour or a day; a service can do the same itself (AnalyticsMaintenance). \
      Any number of processes may run this at once: one does the work, the others end at once.

      Only whole partitions are dropped. From then on events that are older are rejected as \
      expired. A partition that a report is still reading is dropped by a later run. The private database of \
      --local keeps raw events for ever unless --keep-days says otherwise.

      Exit code: 0 if nothing is left to do that can be done now; 1 if something failed, with one \
      line that says why.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp("For how many days raw events are kept (default: 90).", valueName: "days"))
  var keepDays: Int?

  @Flag(help: "Drop nothing.")
  var keepForever = false

  @Option(
    help: ArgumentHelp(
      "For how many days usage counters are kept after the end of their period (default: 30).",
      valueName: "days"))
  var keepUsageDays: Int?

  @Option(help: ArgumentHelp("For how many days partitions are made ahead.", valueName: "days"))
  var aheadDays = 7

  @Flag(help: "Print what was done as JSON.") var json = false

  func validate() throws {
    guard !keepForever || keepDays == nil else {
      throw ValidationError("--keep-days and --keep-forever cannot be combined")
    }
    guard (1...36_500).contains(keepDays ?? 1) else {
      throw ValidationError("--keep-days is a number from 1 to 36500")
    }
    guard (1...36_500).contains(keepUsageDays ?? 1) else {
      throw ValidationError("--keep-usage-days is a number from 1 to 36500")
    }
    guard (0...90).contains(aheadDays) else {
      throw ValidationError("--ahead-days is a number from 0 to 90")
    }
  }

  func run() async throws {
    let isKept = keepForever || (database.local && keepDays == nil)
    var options = MaintenanceOptions(
      keepDays: isKept ? nil : keepDays ?? MaintenanceOptions().keepDays, aheadDays: aheadDays)
    if keepForever { options.keepUsageDays = nil }
    if let keepUsageDays { options.keepUsageDays = keepUsageDays }
    let maintenance = Maintenance(
      try await database.database(), options: options, logger: TerminalLog.logger())
    let report = try await maintenance.run()
    try StandardOutput.print(report, asJSON: json, or: report.description)
  }
}
