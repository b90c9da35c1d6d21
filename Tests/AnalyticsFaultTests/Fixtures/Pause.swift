import Analytics
import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsStore
import AnalyticsTestSupport
import Testing

/// Runs a worker while the server has a problem. Events that are tracked meanwhile must be kept, and must be stored
/// once when the problem is over. The log must have one line about it, however many writers there are.
///
/// - Parameters:
///   - url: The database in which the worker stores.
///   - owner: The URL with which the test reads the stored events.
///   - statementTimeout: The statement timeout of the sink.
///   - words: Text that the log line must contain.
///   - worksBefore: Whether events can be stored before the problem.
///   - trouble: Causes the problem.
///   - repair: Solves the problem.
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
  // The second writer starts when batches are full and fill more than one segment.
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

/// For each pause the log has one line when it begins and one line when it ends. There may be several pauses, because a
/// machine under load may exceed a deadline again.
func expectPauses(in log: RecordedLog, sourceLocation: SourceLocation = #_sourceLocation) {
  let resumes = log.lines.map { $0.contains("are stored again") }
  #expect(resumes.count >= 2, "\(log.lines)", sourceLocation: sourceLocation)
  #expect(
    resumes == resumes.indices.map { !$0.isMultiple(of: 2) } && resumes.last == true,
    "\(log.lines)",
    sourceLocation: sourceLocation)
}
