public import AnalyticsPrometheus
public import Foundation

/// Where a server listens, what it reads, and whom it lets in.
public struct ReportServerConfiguration: Sendable {
  /// The address to listen on. Only this machine by default.
  public var host = "127.0.0.1"
  /// The port; 0 for any that is free.
  public var port = 8484
  /// Whose days and hours figures are of, where a request does not say it.
  public var zone = TimeZone.gmt
  /// Who may ask.
  public var access = Access.automatic
  /// The names by which the server may be called besides its loopback ones.
  public var hostNames: [String] = []
  /// The origins whose pages may ask from within a browser, as `https://dashboards.example.org`.
  public var corsOrigins: [String] = []
  /// Without it the server speaks plain HTTP.
  public var tls: TLSFiles?
  /// Where the process keeps its metrics; `/metrics` shows them all. Give the one that
  /// `MetricsSystem` was bootstrapped with.
  public var metrics = PrometheusRegistry.analytics()
  /// What the process knows of events of its own, for a page that shows it.
  public var processFacts: (@Sendable () -> [ProcessFact])?
  /// What the command `analytics` has to be told to find the database that the server reads, as `["--local"]`; nothing
  /// where DATABASE_URL leads there. A page without events shows a command with it: give nothing secret.
  public var commandOptions: [String] = []
  /// Whether deployments may send their telemetry here; the database user then has to be a writer.
  public var collectsTelemetry = false
  /// What bounds requests.
  public var limits = ReportServerLimits()

  /// The defaults.
  public init() {}

  /// Who may ask.
  public enum Access: Sendable {
    /// Everybody on this machine if the server listens there only and has no other name; else as
    /// ``keys``.
    case automatic
    /// Who has a key.
    case keys
    /// Everybody who reaches the server.
    case anonymous
  }

  /// A certificate chain and its key, as PEM files.
  public struct TLSFiles: Sendable {
    /// The server's certificate first, then those that signed it.
    public var certificate: String
    /// The certificate's private key.
    public var key: String

    /// Names the files. They are read when the server starts.
    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Whether a request has to show a key.
  var needsKeys: Bool {
    switch access {
    case .keys: true
    case .anonymous: false
    case .automatic: !isLoopback || !hostNames.isEmpty
    }
  }

  /// Whether only this machine reaches the server.
  var isLoopback: Bool { HostName(host).isLoopback }
}

/// What bounds the requests of a server.
public struct ReportServerLimits: Sendable {
  /// Requests a second for each key, or for each address without one; 0 for no limit.
  public var requestsPerSecond = 50.0
  /// How many requests may come at once before that.
  public var requestsAtOnce = 200
  /// How long the report of a request may take.
  public var answerTime: Duration = .seconds(20)
  /// How long a question about raw events may take that the dashboard asks: a breakdown, a funnel, the
  /// timeline of a user.
  public var exploreTime: Duration = .seconds(5)
  /// How long it may take to look up a key, and what else the server itself asks the database.
  public var lookupTime: Duration = .seconds(5)
  /// How long a request may take to arrive, from its first byte on, and a TLS handshake to end.
  public var requestTime: Duration = .seconds(10)
  /// How long a client may take to read what waits for it before the connection is closed.
  public var readTime: Duration = .seconds(30)
  /// How long a connection may be silent between requests.
  public var idleTime: Duration = .seconds(60)
  /// Of all headers of a request, in bytes.
  public var headerBytes = 16 * 1024
  /// Of a request's body, in bytes.
  public var bodyBytes = 64 * 1024
  /// Open connections; more wait until one is closed.
  public var connections = 8192
  /// How many reports run at one time, each on a connection to the database.
  public var reports = 4
  /// How old an answer about a range that is over may be.
  public var cacheAge: Duration = .seconds(2)
  /// How long after an answer the database is asked again for what `/metrics` says of it.
  public var gaugeInterval: Duration = .seconds(30)
  /// What such answers may occupy, in bytes.
  public var cacheBytes = 32 * 1024 * 1024

  /// The defaults.
  public init() {}
}
