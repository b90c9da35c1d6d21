import AnalyticsText

/// The settings of a client and its worker. The defaults suit a service in production.
public struct AnalyticsConfiguration: Sendable {
  /// The name of the service that tracks events, 1…100 bytes of UTF-8. It is stored with every
  /// event that does not name a service of its own.
  public var service: String

  /// The deployment environment, such as `production` or `staging`; `nil` stores none.
  public var environment: String?

  /// The service's own version. ``ClientApplication`` registers it; it is not stored with events.
  public var version: String?

  /// The machine's name, stored with every event. Defaults to the system's host name.
  public var hostname: String?

  /// The number of events that wakes the worker, 1 or more.
  ///
  /// The buffer has up to four stripes and counts the events of each separately, so several times
  /// as many events may wait before the worker wakes. A batch takes all events that are ready by
  /// then, up to ``batchRowsMax`` rows or ``batchBytesMax`` bytes.
  public var batchSize = 100

  /// The longest time until the worker looks for events, however few there are. Above zero, and at
  /// most 36,500 days.
  public var flushInterval: Duration = .seconds(10)

  /// Where events wait for the database. Defaults to a durable buffer in ``defaultSpoolDirectory``.
  public var buffer: BufferMode

  /// The size of a segment in bytes, 64 KiB…1 GiB and a multiple of 4 KiB. No event can be larger
  /// than a segment.
  public var segmentBytes = 4 << 20

  /// The largest number of rows that the worker stores in one transaction, 1 or more.
  public var batchRowsMax = 20_000

  /// The largest number of bytes that the worker stores in one transaction, 1 to 256 MiB. A single
  /// row that is larger makes a batch of its own.
  public var batchBytesMax = 16 << 20

  /// The earliest time that an event may have, any instant of ``EventTimestamp/supportedRange``.
  /// Defaults to 2000-01-01T00:00:00Z.
  ///
  /// Earlier events are not stored and count as ``RejectReason/past``. Such times come from clocks
  /// that were never set and from fields that were left at zero.
  ///
  /// The worker applies this limit when it delivers events, including those that other processes
  /// left in the spool. Use the same value in all services that share a spool.
  public var acceptsFrom = EventTimestamp.acceptedFromByDefault

  /// How much personal data of an event is stored. See ``FieldPrivacy`` for what each preset does.
  public var privacy: PrivacyPreset = .standard

  /// The key for hashed fields and derived user ids. See ``FieldPrivacy`` for what happens without
  /// one.
  public var privacyKey: PrivacyKey?

  /// How long a worker goes on storing events after it was asked to shut down: zero to 36,500 days.
  /// Events that remain stay in the spool for the next process, or are dropped as
  /// ``DropReason/shutdown`` in memory mode.
  public var shutdownGrace: Duration = .seconds(20)

  /// How often a worker looks for segments that dead processes left in the spool. Above zero, and at
  /// most 36,500 days.
  public var recoveryInterval: Duration = .seconds(30)

  /// Replaces the wall clock in tests; `nil` uses the system's clock.
  public var now: (@Sendable () -> EventTimestamp)?

  /// The clock for intervals and waits, which tests replace.
  public var clock: any Clock<Duration> = ContinuousClock()

  /// Creates settings for a service. The buffer defaults to a durable one in
  /// ``defaultSpoolDirectory``.
  public init(service: String, environment: String? = nil, buffer: BufferMode? = nil) {
    self.service = service
    self.environment = environment
    self.buffer = buffer ?? .durable(directory: Self.defaultSpoolDirectory)
    hostname = Machine.hostname
  }

  /// The spool directory used if none is configured: `analytics-spool` below systemd's
  /// `STATE_DIRECTORY`, else below `XDG_STATE_HOME`, else below `~/.local/state`, else below
  /// `/var/lib`.
  public static var defaultSpoolDirectory: String {
    let state = Machine.environment("STATE_DIRECTORY")?.split(at: ":").first.map { String($0) }
    let base =
      state ?? Machine.environment("XDG_STATE_HOME")
      ?? Machine.environment("HOME").map { $0 + "/.local/state" } ?? "/var/lib"
    return base + "/analytics-spool"
  }
}

extension AnalyticsConfiguration {
  func validate() throws(AnalyticsError) {
    func check(_ holds: Bool, _ problem: @autoclosure () -> String) throws(AnalyticsError) {
      if !holds { throw AnalyticsError(.invalidConfiguration, problem()) }
    }
    func check(noProblem problem: String?) throws(AnalyticsError) {
      if let problem { throw AnalyticsError(.invalidConfiguration, problem) }
    }
    try check(
      (1...RowLayout.nameBytesMax).contains(service.utf8.count),
      "service has \(service.utf8.count) bytes; it must have 1 to 100")
    try check(batchSize >= 1, "batchSize is \(batchSize); it must be 1 or more")
    try check(batchRowsMax >= 1, "batchRowsMax is \(batchRowsMax); it must be 1 or more")
    try check(
      (1...256 << 20).contains(batchBytesMax),
      "batchBytesMax is \(batchBytesMax); it must be 1 to 256 MiB")
    try check(noProblem: OptionRange.problem("flushInterval", wait: flushInterval))
    try check(noProblem: OptionRange.problem("recoveryInterval", wait: recoveryInterval))
    try check(noProblem: OptionRange.problem("shutdownGrace", grace: shutdownGrace))
    try check(
      (64 << 10...1 << 30).contains(segmentBytes) && segmentBytes % 4096 == 0,
      "segmentBytes is \(segmentBytes); it must be 64 KiB to 1 GiB and a multiple of 4 KiB")
    try check(
      EventTimestamp.supportedRange.contains(acceptsFrom),
      "acceptsFrom lies outside the years 1 to 9999; use a time within them")
    try check(
      buffer.limitBytes >= 2 * segmentBytes,
      "the buffer limit of \(buffer.limitBytes) bytes is less than two segments of \(segmentBytes)")
    if let interval = buffer.syncInterval {
      try check(noProblem: OptionRange.problem("the sync interval", wait: interval))
    }
    if let directory = buffer.directory {
      try check(
        !directory.isEmpty,
        "the path of the spool directory is empty; set it, or use the memory mode")
    }
  }
}
