import Analytics
import AnalyticsInterchange
import ArgumentParser

/// The command `analytics import`.
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Store events from files or standard input.",
    discussion: """
      A line is one JSON object: {"timestamp", "event": {"type", …}} and, where known, "hostname", \
      "environment", "service" and "id". Other keys are ignored. Files may be compressed with gzip. \
      An event keeps all of its fields, and numbers are stored as they are written. --privacy \
      applies to texts in fields that the catalogue does not declare: standard treats e-mail \
      addresses and fields with a name such as email, strict treats all texts.

      An event without an id gets one that is derived from its line and from which occurrence of \
      that line in the file it is. So importing a file again, also after it was interrupted, stores \
      each event once, and identical lines stay separate events.

      Lines that are not events are reported (the first ten), counted and skipped. Events dated \
      before 2000 count as rejected: --accepts-from takes older ones, and --as-stored takes them all. \
      Ctrl-C stops the import; events read by then are stored.

      Exit code: 0 if every line is stored, now or before; 1 if a line was bad or refused, an input \
      could not be read, or it was stopped.
      """)

  @Argument(help: ArgumentHelp("Files to read; - is standard input.", valueName: "file"))
  var files: [String]

  @OptionGroup var database: DatabaseOptions

  @Option(help: "The service of events without one.")
  var service = "import"

  @OptionGroup var privacy: PrivacyOptions

  @OptionGroup var past: PastOptions

  @Flag(
    help:
      "Store the lines of `export` unchanged. Privacy was applied when the events were first stored."
  )
  var asStored = false

  @Flag(help: "Stop at the first bad line. Events before it are stored.")
  var strict = false

  @Flag(help: "Only check the lines. Needs no database and stores nothing.")
  var check = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("name a file, or - for standard input") }
    guard files.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input can be read only once")
    }
  }

  func run() async throws {
    let options = Importer.Options(isStrict: strict, isAsStored: asStored)
    let summary: ImportSummary
    if check {
      summary = await Importer(checking: options, display: Terminal.standardError).run(files)
    } else {
      summary = try await ImportPipeline(
        into: try await database.database(), service: service, privacy: privacy.preset,
        key: try PrivacyOptions.key(), acceptsFrom: try acceptsFrom(), isLocal: database.local,
        display: Terminal.standardError, logger: TerminalLog.logger()
      ).run(files, options)
    }
    try show(summary)
    if !summary.isClean { throw ExitCode(1) }
  }

  /// With `--as-stored` any time is accepted by default, so that an export is imported without
  /// losing old events.
  private func acceptsFrom() throws -> EventTimestamp {
    asStored ? past.given ?? EventTimestamp.supportedRange.lowerBound : try past.acceptsFrom()
  }

  private func show(_ summary: ImportSummary) throws {
    try StandardOutput.print(summary, asJSON: json, or: summary.text(isCheck: check))
  }
}
