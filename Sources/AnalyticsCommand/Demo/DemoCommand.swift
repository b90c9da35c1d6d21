import Analytics
import ArgumentParser

/// The command `analytics demo`.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Store the events of a simulated platform, until it is stopped.",
    discussion: """
      Some 240 people with habits and time zones of their own sign in, browse, run tasks, connect \
      integrations and cocoons; some of it fails. Their events go the way of a service's own, and \
      all name the environment "simulated". Do not use it on a database with real data: figures of \
      all environments count these events.

      On SIGTERM or SIGINT it stores what it has tracked, prints the totals and ends.

      Exit code: 0 if every event was stored; 1 if not.
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(
    help: ArgumentHelp(
      "Events a second, from 0.1 to 5000, on average over a week; nights are quieter.",
      valueName: "number"))
  var rate = 20.0
  @Option(
    help: ArgumentHelp(
      "First store simulated events of this many past days, some 4,000 a day, unless those days have some already. Up to 60.",
      valueName: "days"))
  var history = 0
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("End after this many seconds.", valueName: "seconds"))
  var seconds: Double?
  @Option(
    help: ArgumentHelp(
      "The seed of the simulation: another number gives other people.", valueName: "number"))
  var seed: UInt64 = 1

  func validate() throws {
    guard (0.1...5000).contains(rate) else {
      throw ValidationError("--rate is a number from 0.1 to 5000")
    }
    guard (0...60).contains(history) else {
      throw ValidationError("--history is a number of days from 0 to 60")
    }
    guard (0...1e9).contains(seconds ?? 0) else {
      throw ValidationError("--for is a number of seconds from 0 on")
    }
  }

  func run() async throws {
    let accounting = try await DemoRun(
      database: try await database.database(), seed: seed, rate: rate, historyDays: history,
      seconds: seconds
    ).run()
    StandardOutput.print(
      """
      tracked \(accounting.tracked) = stored \(accounting.stored) \
      + duplicates \(accounting.duplicates) \
      + rejected \(accounting.rejected.values.reduce(0, +)) \
      + dropped \(accounting.dropped.values.reduce(0, +)) + pending \(accounting.pending)
      """)
    if accounting.stored < accounting.tracked { throw ExitCode(1) }
  }
}
