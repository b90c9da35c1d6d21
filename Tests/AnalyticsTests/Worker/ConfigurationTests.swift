import Configuration
import Foundation
import Testing

@testable import Analytics

@Suite("Configuration keys")
struct ConfigurationTests {
  private func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> AnalyticsConfiguration {
    try AnalyticsConfiguration(
      config: ConfigReader(provider: InMemoryProvider(values: values)))
  }

  /// Reads the values as texts, like those of the environment.
  private func environment(_ values: [String: String]) throws -> AnalyticsConfiguration {
    let all = values.merging(["ANALYTICS_SERVICE": "shop"]) { $1 }
    return try AnalyticsConfiguration(
      config: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: all))
        .scoped(to: "analytics"))
  }

  @Test("have the documented defaults")
  func defaults() throws {
    let configuration = try read(["service": "shop"])
    #expect(configuration.service == "shop")
    #expect(configuration.environment == nil)
    #expect(configuration.hostname == Machine.hostname)
    #expect(configuration.batchSize == 100)
    #expect(configuration.flushInterval == .seconds(10))
    #expect(
      configuration.buffer
        == .durable(
          directory: AnalyticsConfiguration.defaultSpoolDirectory, limitBytes: 4 << 30,
          syncInterval: .seconds(1)))
    #expect(configuration.acceptsFrom == EventTimestamp(rfc3339: "2000-01-01T00:00:00Z"))
    #expect(configuration.privacy == .standard)
    #expect(configuration.privacyKey == nil)
    #expect(configuration.shutdownGrace == .seconds(20))
  }

  @Test("are read from the environment as documented")
  func all() throws {
    let configuration = try environment([
      "ANALYTICS_ENVIRONMENT": "staging", "ANALYTICS_VERSION": "1.2",
      "ANALYTICS_HOSTNAME": "web-1", "ANALYTICS_ACCEPTS_FROM": "1990-01-01",
      "ANALYTICS_BATCH_SIZE": "250", "ANALYTICS_FLUSH_INTERVAL": "2.5",
      "ANALYTICS_BUFFER_MODE": "durable", "ANALYTICS_BUFFER_DIRECTORY": "spool",
      "ANALYTICS_BUFFER_LIMIT": "67108864", "ANALYTICS_BUFFER_SYNC_INTERVAL": "0.25",
      "ANALYTICS_PRIVACY_PRESET": "strict",
      "ANALYTICS_PRIVACY_KEY": Data(repeating: 7, count: 32).base64EncodedString(),
      "ANALYTICS_SHUTDOWN_GRACE": "5",
    ])
    #expect(configuration.environment == "staging")
    #expect(configuration.version == "1.2")
    #expect(configuration.hostname == "web-1")
    #expect(configuration.acceptsFrom == EventTimestamp(rfc3339: "1990-01-01T00:00:00Z"))
    #expect(configuration.batchSize == 250)
    #expect(configuration.flushInterval == .milliseconds(2500))
    #expect(
      configuration.buffer
        == .durable(directory: "spool", limitBytes: 64 << 20, syncInterval: .milliseconds(250)))
    #expect(configuration.privacy == .strict)
    let key = try PrivacyKey(bytes: [UInt8](repeating: 7, count: 32))
    #expect(configuration.privacyKey?.hash("ada") == key.hash("ada"))
    #expect(configuration.shutdownGrace == .seconds(5))
  }

  @Test("choose among three buffers")
  func modes() throws {
    #expect(try environment(["ANALYTICS_BUFFER_MODE": "memory"]).buffer == .memory())
    #expect(
      try environment(["ANALYTICS_BUFFER_MODE": "memory", "ANALYTICS_BUFFER_LIMIT": "16777216"])
        .buffer == .memory(limitBytes: 16 << 20))
    #expect(
      try environment(["ANALYTICS_BUFFER_MODE": "synchronous", "ANALYTICS_BUFFER_DIRECTORY": "s"])
        .buffer == .synchronous(directory: "s"))
  }

  @Test(
    "with invalid values are errors, and never replaced by defaults",
    arguments: [
      ("BATCH_SIZE", "0"), ("BATCH_SIZE", "-1"), ("BATCH_SIZE", "many"), ("BATCH_SIZE", "1.5"),
      ("ACCEPTS_FROM", "1990"), ("ACCEPTS_FROM", "soon"), ("ACCEPTS_FROM", "0000-01-01"),
      ("ACCEPTS_FROM", "1990-02-30"), ("ACCEPTS_FROM", ""),
      ("FLUSH_INTERVAL", "0"), ("FLUSH_INTERVAL", "-1"), ("FLUSH_INTERVAL", "10s"),
      ("FLUSH_INTERVAL", "inf"), ("FLUSH_INTERVAL", "nan"), ("FLUSH_INTERVAL", "1e300"),
      ("BUFFER_MODE", "disk"), ("BUFFER_MODE", "Durable"), ("BUFFER_LIMIT", "4GiB"),
      ("BUFFER_LIMIT", "1"), ("BUFFER_LIMIT", "-1"), ("BUFFER_SYNC_INTERVAL", "0"),
      ("BUFFER_SYNC_INTERVAL", "-inf"), ("PRIVACY_PRESET", "paranoid"), ("PRIVACY_KEY", "short"),
      ("PRIVACY_KEY", "%%% not Base64 %%%"), ("PRIVACY_KEY", "AAAA"), ("SHUTDOWN_GRACE", "-1"),
      ("SHUTDOWN_GRACE", "soon"), ("SERVICE", String(repeating: "s", count: 101)),
    ])
  func bad(key: String, value: String) {
    var values = ["ANALYTICS_" + key: value]
    if key == "SERVICE" { values["ANALYTICS_SERVICE"] = value }
    #expect(throws: AnalyticsError.self) {
      let all = ["ANALYTICS_SERVICE": "shop"].merging(values) { $1 }
      _ = try AnalyticsConfiguration(
        config: ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: all))
          .scoped(to: "analytics"))
    }
  }

  @Test("include a required service")
  func service() {
    #expect(throws: (any Error).self) { try read([:]) }
    #expect(throws: AnalyticsError.self) { try read(["service": ""]) }
  }

  @Test("never show the privacy key in an error")
  func secret() {
    let error = #expect(throws: AnalyticsError.self) {
      try environment(["ANALYTICS_PRIVACY_KEY": "%%%hush%%%"])
    }
    #expect(error?.description.contains("hush") == false)
  }

  @Test("are named in an error")
  func named() {
    let error = #expect(throws: AnalyticsError.self) {
      try environment(["ANALYTICS_BUFFER_LIMIT": "4GiB"])
    }
    #expect(error?.description.contains("buffer.limit") == true)
  }

  @Test("have the same limits in code")
  func code() {
    let changes: [@Sendable (inout AnalyticsConfiguration) -> Void] = [
      { $0.service = "" }, { $0.batchRowsMax = 0 }, { $0.batchBytesMax = 0 },
      { $0.batchBytesMax = 1 << 30 }, { $0.flushInterval = .zero },
      { $0.flushInterval = .seconds(Int64.max) }, { $0.shutdownGrace = .seconds(Int64.max) },
      { $0.shutdownGrace = .seconds(-1) }, { $0.segmentBytes = 4096 },
      { $0.segmentBytes = (64 << 10) + 1 },
      { $0.segmentBytes = 2 << 30 }, { $0.recoveryInterval = .zero },
      { $0.acceptsFrom = EventTimestamp.supportedRange.upperBound },
      { $0.buffer = .durable(directory: "") },
      { $0.buffer = .durable(directory: "/tmp", syncInterval: .seconds(Int64.max)) },
      { $0.buffer = .memory(limitBytes: 4 << 20) },
    ]
    for change in changes {
      var configuration = AnalyticsConfiguration(service: "shop", buffer: .memory())
      change(&configuration)
      let changed = configuration
      #expect(throws: AnalyticsError.self) { try changed.validate() }
    }
  }
}
