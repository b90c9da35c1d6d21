import AnalyticsText

/// All settings of a client and its worker. The defaults are for a service in production.
public struct AnalyticsConfiguration: Sendable {
  /// The name of the service that tracks: 1…100 bytes. It is stored with every event that has no
  /// service of its own.
  public var service: String

  /// `production`, `staging`, …; not stored if `nil`.
  public var environment: String?

  /// The service's own version, under which ``ClientApplication`` registers it; not stored with events.
  public var version: String?

  /// The machine's name, stored with every event; by default what the system says.
  public var hostname: String?

  /// How many events wake the worker, 1 or more. A batch takes what is ready by then, up to
  /// ``batchRowsMax`` rows or ``batchBytesMax`` bytes.
  public var batchSize = 100

  /// How long an event waits at most before the worker looks, whatever there is.
  public var flushInterval: Duration = .seconds(10)

  /// Where events wait for the database. By default ``defaultSpoolFolder``, durable.
  public var buffer: BufferMode

  /// The size of a segment, and so of the largest event: 64 KiB…1 GiB, a multiple of 4 KiB.
  public var segmentBytes = 4 << 20

  /// The most rows that go to the database in one transaction.
  public var batchRowsMax = 20_000

  /// The most bytes that go to the database in one transaction.
  public var batchBytesMax = 16 << 20

  /// The earliest time that an event may have: 2000-01-01T00:00:00Z unless said otherwise, any instant of
  /// ``EventTimestamp/supportedRange``. Earlier ones are not stored and count as ``RejectReason/past``: no
  /// usage is older, but a clock that was never set and a field that was left at zero are.
  ///
  /// The worker decides by it when it delivers, also of what other processes left in the spool: give the
  /// same to all services that share one.
  public var acceptsFrom = EventTimestamp.acceptedFromByDefault

  /// How much of what events say about people is stored.
  public var privacy: PrivacyPreset = .standard

  /// The key for hashed fields and derived user ids; without one, see ``FieldPrivacy``.
  public var privacyKey: PrivacyKey?

  /// How long a worker goes on storing after it was asked to shut down. What is left then stays in
  /// the spool for the next process, or is dropped as ``DropReason/shutdown`` in memory mode.
  public var shutdownGrace: Duration = .seconds(20)

  /// How often a worker looks for what dead processes left behind.
  public var recoveryInterval: Duration = .seconds(30)

  /// Reads the wall clock in tests; `nil` for the system's.
  public var now: (@Sendable () -> EventTimestamp)?

  /// Measures intervals and waits; replaced in tests.
  public var clock: any Clock<Duration> = ContinuousClock()

  /// Settings for a service, with the default buffer.
  public init(service: String, environment: String? = nil, buffer: BufferMode? = nil) {
    self.service = service
    self.environment = environment
    self.buffer = buffer ?? .durable(folder: Self.defaultSpoolFolder)
    hostname = Machine.hostname
  }

  /// The folder of the durable buffer where none is configured: `analytics-spool` below systemd's
  /// `STATE_DIRECTORY`, else `XDG_STATE_HOME`, else `~/.local/state`, else `/var/lib`.
  public static var defaultSpoolFolder: String {
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
    try check(
      (1...RowLayout.nameBytesMax).contains(service.utf8.count),
      "service has \(service.utf8.count) bytes; name the service in 1 to 100")
    try check(batchSize >= 1, "batchSize is \(batchSize); it must be 1 or more")
    try check(batchRowsMax >= 1, "batchRowsMax is \(batchRowsMax); it must be 1 or more")
    try check(batchBytesMax >= 1, "batchBytesMax is \(batchBytesMax); it must be 1 or more")
    try check(flushInterval > .zero, "flushInterval is \(flushInterval); it must be above zero")
    try check(
      recoveryInterval > .zero, "recoveryInterval is \(recoveryInterval); it must be above zero")
    try check(
      shutdownGrace >= .zero, "shutdownGrace is \(shutdownGrace); it must not be negative")
    try check(
      (64 << 10...1 << 30).contains(segmentBytes) && segmentBytes % 4096 == 0,
      "segmentBytes is \(segmentBytes); it must be 64 KiB to 1 GiB and a multiple of 4 KiB")
    try check(
      EventTimestamp.supportedRange.contains(acceptsFrom),
      "acceptsFrom lies outside the years 1 to 9999; name a time between them")
    try check(
      buffer.limitBytes >= 2 * segmentBytes,
      "the buffer's limit of \(buffer.limitBytes) bytes holds no two segments of \(segmentBytes)")
    if let interval = buffer.syncInterval {
      try check(interval > .zero, "the sync interval is \(interval); it must be above zero")
    }
    if let folder = buffer.folder {
      try check(!folder.isEmpty, "the spool folder is empty; name one, or use the memory mode")
    }
  }
}
