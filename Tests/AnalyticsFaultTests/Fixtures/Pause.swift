import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Testing

/// Runs a worker through a trouble with the server: what is tracked meanwhile is kept, with one line
/// in the log however many writers there are, and stored once when the trouble is over.
///
/// - Parameters:
///   - url: Where the worker stores.
///   - owner: Where the test looks what is stored.
///   - statementTimeout: The sink's.
///   - words: What the line has to say.
///   - worksBefore: Whether events can be stored before the trouble.
///   - trouble: Begins it.
///   - repair: Ends it.
func expectPause(
  of url: String, owner: String, statementTimeout: Duration = .seconds(60), saying words: String,
  worksBefore: Bool = true, sourceLocation: SourceLocation = #_sourceLocation,
  trouble: () async throws -> Void, repair: () async throws -> Void
) async throws {
  let log = RecordedLog()
  let postgres = try PostgresEventSink(
    AnalyticsDatabase(url: url), statementTimeout: statementTimeout)
  let sink = ObservedSink(postgres)
  var configuration = AnalyticsConfiguration.eager(.memory())
  // Full batches, and more than one segment of them, call the second writer.
  configuration.batchRowsMax = 50
  let client = try AnalyticsClient(configuration, sink: sink)
  var tracker = CountingTracker(client)
  try await withWorker(client, logger: log.logger) {
    if worksBefore { try await tracker.track(new: 200, again: 0) }
    try await trouble()
    let flushed = Task { [tracker] in
      var tracker = tracker
      try await tracker.track(new: 2_000, again: worksBefore ? 10 : 0)
      return tracker
    }
    var answers = sink.answers.makeAsyncIterator()
    for _ in 0..<5 { while case .success? = await answers.next() {} }
    #expect(log.lines.count == 1, "\(log.lines)", sourceLocation: sourceLocation)
    #expect(
      log.lines.first?.contains(words) == true, "\(log.lines)", sourceLocation: sourceLocation)
    #expect(log.lines.first?.contains("\n") == false, sourceLocation: sourceLocation)
    try await repair()
    tracker = try await flushed.value
  }
  expectPauses(in: log, sourceLocation: sourceLocation)
  #expect(client.accounting.stored == tracker.new, sourceLocation: sourceLocation)
  #expect(client.accounting.duplicates == tracker.again, sourceLocation: sourceLocation)
  #expect(client.accounting.isBalanced, sourceLocation: sourceLocation)
  #expect(try await eventCount(owner) == tracker.new, sourceLocation: sourceLocation)
}

/// Of each pause the log says one line when it begins and one when it is over. There is at least
/// one; a machine under load may take longer than a deadline once more.
func expectPauses(in log: RecordedLog, sourceLocation: SourceLocation = #_sourceLocation) {
  let resumes = log.lines.map { $0.contains("are stored again") }
  #expect(resumes.count >= 2, "\(log.lines)", sourceLocation: sourceLocation)
  #expect(
    resumes == resumes.indices.map { !$0.isMultiple(of: 2) } && resumes.last == true,
    "\(log.lines)",
    sourceLocation: sourceLocation)
}
