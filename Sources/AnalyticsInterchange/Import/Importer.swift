import Analytics
import AnalyticsPostgres

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Reads inputs line by line, passes their events to a client, and counts bad lines.
///
/// Reading blocks, so the importer has its own thread. This thread does all work on a line, from
/// decompression to encoding the row: passing events between threads would cost more than any of
/// these steps, and the database needs a core as well.
package actor Importer {
  /// The way in which lines are read.
  package struct Options: Sendable {
    /// Whether to stop at the first bad line.
    var isStrict: Bool
    /// Whether to take the fields of events unchanged, whatever the catalogue says about their
    /// type.
    var isAsStored: Bool

    package init(isStrict: Bool = false, isAsStored: Bool = false) {
      (self.isStrict, self.isAsStored) = (isStrict, isAsStored)
    }
  }

  private let options: Options
  /// `nil` if the lines are only checked.
  private let client: AnalyticsClient?
  private let display: any ProgressDisplay
  private let thread = ConnectionThread(name: "import")
  private let start = ContinuousClock.now
  private var lastDrawn = ContinuousClock.now
  private var summary = ImportSummary()
  private var progress = ImportProgress()
  /// Bytes of the inputs that have been read completely.
  private var bytesReadBefore = 0
  private var parser: EventLineParser
  private var origins = EventOrigins()
  /// Notices about old events that have not been shown yet.
  private var notices: [OldEventNotice]
  private let refusedDays: RefusedDays

  /// The shortest time between two updates of the progress line.
  private static let drawInterval: Duration = .milliseconds(100)
  /// The number of lines between two checks of cancellation and the clock.
  private static let linesPerPoll = 1024

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  /// Creates an importer that only checks the lines.
  package init(checking options: Options, display: any ProgressDisplay) {
    self.init(options, into: nil, display: display)
  }

  /// - Parameter client: `nil` if the lines are only checked.
  init(
    _ options: Options, into client: AnalyticsClient?, notices: [OldEventNotice] = [],
    refusedDays: RefusedDays = RefusedDays(), display: any ProgressDisplay
  ) {
    self.options = options
    self.client = client
    self.notices = notices
    self.refusedDays = refusedDays
    parser = EventLineParser(isAsStored: options.isAsStored)
    self.display = display
  }

  /// Reads all inputs to their end, to the first bad line if strict, or until the task is
  /// cancelled.
  ///
  /// The caller counts stored and duplicate events, since only the client knows them.
  package func run(_ paths: [String]) async -> ImportSummary {
    defer { thread.finish() }
    do {
      // All files are opened first, so that a misspelt last name is noticed before an hour of
      // import.
      let files = try paths.map { path throws(InterchangeError) in try FileBytes(path: path) }
      progress.bytesTotal = total(of: files)
      for file in files {
        try await read(file)
        bytesReadBefore += file.bytesRead
      }
    } catch {
      end(with: error)
    }
    display.clear()
    summary.seconds = (ContinuousClock.now - start) / .seconds(1)
    return summary
  }

  private func total(of files: [FileBytes]) -> Int? {
    files.reduce(0) { sum, file in
      guard let sum, let count = file.byteCount else { return nil }
      return sum + count
    }
  }

  private func end(with error: any Error) {
    switch error {
    case let error as InterchangeError where error.code == .badLine: summary.ending = .badLine
    case let error as InterchangeError where error.code != .stopped:
      display.print("error: \(error.description)")
      summary.ending = .unreadable
    default: summary.ending = .stopped
    }
  }
}

// MARK: - One file

extension Importer {
  private func read(_ file: FileBytes) async throws {
    let reader = LineReader(try PlainOrGzip(file, name: file.name))
    var identities = LineIdentities()
    while let line = try reader.next() {
      summary.lines += 1
      if let problem = try await take(line, &identities) {
        try refuse(.init(file: file.name, line: reader.number, reason: problem.description))
      }
      if summary.lines % Self.linesPerPoll == 0 { try poll(file) }
    }
  }

  /// Passes on the event of a line; returns the problem if the line has no event.
  private func take(
    _ line: LineReader.Line, _ identities: inout LineIdentities
  ) async throws(CancellationError) -> LineProblem? {
    guard case .bytes(let bytes) = line else { return .tooLong }
    let event: EventLine
    do { event = try parser.parse(bytes) } catch { return error }
    if !notices.isEmpty { warn(of: event.event.timestamp) }
    if let problem = refusedDays.problem(at: event.event.timestamp) { return problem }
    let id = event.id ?? identities.id(for: bytes)
    guard let client, let origin = origins.origin(of: event, in: client) else { return nil }
    let dropped = try await client.record(
      event.event.event, at: event.event.timestamp, id: id, from: origin)
    switch dropped {
    case nil: return nil
    case .tooLarge: return .tooLarge
    case .invalid: return .wrongLength(field: "type or service")
    // The buffer is closed: the worker's grace period has ended.
    case .full, .unavailable, .shutdown, .lost: throw CancellationError()
    }
  }

  private func warn(of timestamp: EventTimestamp) {
    for notice in notices where timestamp < notice.before {
      display.print("warning: \(notice.text)")
    }
    notices.removeAll { timestamp < $0.before }
  }

  private func refuse(_ badLine: ImportSummary.BadLine) throws {
    if let reported = summary.count(badLine) {
      display.print("\(reported.file): line \(reported.line): \(reported.reason)")
      if summary.bad == ImportSummary.badLinesMax, !options.isStrict {
        display.print("further bad lines are only counted")
      }
    }
    if options.isStrict { throw InterchangeError(.badLine, "stopped at the first bad line") }
  }

  /// Checks for cancellation, and updates the progress line.
  private func poll(_ file: FileBytes) throws {
    try Task.checkCancellation()
    let now = ContinuousClock.now
    guard display.showsProgress, now - lastDrawn >= Self.drawInterval else { return }
    lastDrawn = now
    progress.lines = summary.lines
    progress.bytesRead = bytesReadBefore + file.bytesRead
    progress.elapsed = now - start
    display.draw(progress.text)
  }
}
