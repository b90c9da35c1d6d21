#if Configuration
  public import Configuration

  extension AnalyticsConfiguration {
    /// Reads the settings with a `ConfigReader` of swift-configuration.
    ///
    /// `docs/CONFIGURATION.md` lists the keys with their defaults: `service`, which is required,
    /// `batch.size`, `buffer.directory` and so on. Times such as `flush.interval` are in seconds
    /// and may have a fraction. Sizes are in bytes. `privacy.key` is read as a secret, in Base64.
    ///
    /// Scope the reader to add a prefix: with `config.scoped(to: "analytics")` and environment
    /// variables as the provider, `batch.size` is read from `ANALYTICS_BATCH_SIZE`.
    ///
    /// - Throws: The reader's error if `service` is missing; ``AnalyticsError`` for a value that
    ///   cannot be read or is outside its range.
    public init(config: ConfigReader) throws {
      self.init(
        service: try config.requiredString(forKey: "service"),
        environment: config.string(forKey: "environment"),
        buffer: try Self.buffer(config))
      version = config.string(forKey: "version")
      hostname = config.string(forKey: "hostname") ?? hostname
      acceptsFrom = try config.instant("accepts.from") ?? acceptsFrom
      batchSize = try config.number("batch.size") ?? batchSize
      flushInterval = try config.seconds("flush.interval") ?? flushInterval
      shutdownGrace = try config.seconds("shutdown.grace") ?? shutdownGrace
      privacy = try Self.choice("privacy.preset", config, from: PrivacyPreset.init) ?? privacy
      if let key = try config.secret("privacy.key") { privacyKey = try PrivacyKey(bytes: key) }
      try validate()
    }

    private static func buffer(_ config: ConfigReader) throws(AnalyticsError) -> BufferMode {
      let directory = config.string(forKey: "buffer.directory") ?? defaultSpoolDirectory
      let limit = try config.number("buffer.limit")
      let mode = try choice("buffer.mode", config, from: BufferKey.init) ?? .durable
      switch mode {
      case .memory: return limit.map(BufferMode.memory) ?? .memory()
      case .synchronous: return .synchronous(directory: directory, limitBytes: limit ?? 4 << 30)
      case .durable:
        return .durable(
          directory: directory, limitBytes: limit ?? 4 << 30,
          syncInterval: try config.seconds("buffer.sync.interval") ?? .seconds(1))
      }
    }

    private enum BufferKey: String, CaseIterable {
      case durable, memory, synchronous
    }

    private static func choice<Value: RawRepresentable<String> & CaseIterable>(
      _ key: ConfigKey, _ config: ConfigReader, from make: (String) -> Value?
    ) throws(AnalyticsError) -> Value? {
      guard let text = config.string(forKey: key) else { return nil }
      if let value = make(text) { return value }
      let choices = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw AnalyticsError(.invalidConfiguration, "\(key) must be one of \(choices)")
    }
  }

  // The reader's own methods return `nil` for a value that they cannot read. Falling back to the
  // default would then hide a mistake, such as a misspelt privacy key.
  extension ConfigReader {
    fileprivate func number(_ key: ConfigKey) throws(AnalyticsError) -> Int? {
      try readable(int(forKey: key), key, "a whole number")
    }

    fileprivate func seconds(_ key: ConfigKey) throws(AnalyticsError) -> Duration? {
      let value = try readable(double(forKey: key), key, "a number of seconds")
      guard let value else { return nil }
      guard (-1e9...1e9).contains(value) else {
        throw AnalyticsError(.invalidConfiguration, "\(key) must be a number of seconds below 1e9")
      }
      return .seconds(value)
    }

    fileprivate func instant(_ key: ConfigKey) throws(AnalyticsError) -> EventTimestamp? {
      guard let text = string(forKey: key) else { return nil }
      return try readable(
        EventTimestamp(timeOrDay: text), key, "a time such as 2000-01-01T00:00:00Z, or a day")
    }

    fileprivate func secret(_ key: ConfigKey) throws(AnalyticsError) -> [UInt8]? {
      try readable(bytes(forKey: key, isSecret: true), key, "in Base64", isSecret: true)
    }

    private func readable<Value>(
      _ value: Value?, _ key: ConfigKey, _ form: String, isSecret: Bool = false
    ) throws(AnalyticsError) -> Value? {
      if value == nil, string(forKey: key, isSecret: isSecret) != nil {
        throw AnalyticsError(.invalidConfiguration, "\(key) must be \(form)")
      }
      return value
    }
  }
#endif
