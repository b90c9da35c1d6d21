#if Configuration
  public import Configuration

  extension AnalyticsConfiguration {
    /// Reads the settings from swift-configuration.
    ///
    /// | key | value | default |
    /// |---|---|---|
    /// | `service` | the service's name, required | |
    /// | `environment` | `production`, … | none |
    /// | `hostname` | the machine's name | the system's |
    /// | `batch.size` | events that wake the worker | 100 |
    /// | `flush.interval` | seconds, may have a fraction | 10 |
    /// | `buffer.mode` | `durable`, `memory` or `synchronous` | `durable` |
    /// | `buffer.folder` | the spool folder | ``defaultSpoolFolder`` |
    /// | `buffer.limit` | bytes | 4 GiB; in memory 64 MiB |
    /// | `buffer.sync.interval` | seconds, may have a fraction | 1 |
    /// | `privacy.preset` | `full`, `standard` or `strict` | `standard` |
    /// | `privacy.key` | the key in Base64, a secret | none |
    /// | `shutdown.grace` | seconds, may have a fraction | 20 |
    ///
    /// Scope the reader to choose a prefix: with `config.scoped(to: "analytics")` and the
    /// environment as provider, `batch.size` is `ANALYTICS_BATCH_SIZE`.
    ///
    /// - Throws: what the reader throws for a missing `service`; ``AnalyticsError`` for a value that
    ///   is outside its range.
    public init(config: ConfigReader) throws {
      self.init(
        service: try config.requiredString(forKey: "service"),
        environment: config.string(forKey: "environment"),
        buffer: try Self.buffer(config))
      hostname = config.string(forKey: "hostname") ?? hostname
      batchSize = config.int(forKey: "batch.size", default: batchSize)
      flushInterval = config.seconds("flush.interval") ?? flushInterval
      shutdownGrace = config.seconds("shutdown.grace") ?? shutdownGrace
      privacy = try Self.choice("privacy.preset", config, from: PrivacyPreset.init) ?? privacy
      if let key = config.bytes(forKey: "privacy.key", isSecret: true) {
        privacyKey = try PrivacyKey(bytes: key)
      }
      try validate()
    }

    private static func buffer(_ config: ConfigReader) throws(AnalyticsError) -> BufferMode {
      let folder = config.string(forKey: "buffer.folder") ?? defaultSpoolFolder
      let limit = config.int(forKey: "buffer.limit")
      let mode = try choice("buffer.mode", config, from: BufferKey.init) ?? .durable
      switch mode {
      case .memory: return limit.map(BufferMode.memory) ?? .memory()
      case .synchronous: return .synchronous(folder: folder, limitBytes: limit ?? 4 << 30)
      case .durable:
        return .durable(
          folder: folder, limitBytes: limit ?? 4 << 30,
          syncInterval: config.seconds("buffer.sync.interval") ?? .seconds(1))
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

  extension ConfigReader {
    fileprivate func seconds(_ key: ConfigKey) -> Duration? {
      double(forKey: key).map { .seconds($0) }
    }
  }
#endif
