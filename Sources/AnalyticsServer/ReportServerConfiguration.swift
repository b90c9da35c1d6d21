public import AnalyticsPrometheus
public import Foundation

/// Where a server listens, what it shows, and whom it grants access.
///
/// The server does not start with a value outside its range: ``ReportServer/run()`` throws
/// ``ReportServerError/Code/configuration``.
public struct ReportServerConfiguration: Sendable {
  /// The address to listen on. The default accepts connections from this machine only.
  public var host = "127.0.0.1"
  /// The port, from 0 to 65,535; 0 for any free port.
  public var port = 8484
  /// The time zone of days and hours in reports whose request names none.
  public var zone = TimeZone.gmt
  /// Who may send requests.
  public var access = Access.automatic
  /// Names by which clients may address the server besides its loopback names. The `Host` header is
  /// checked only if the server listens on a loopback address.
  public var hostNames: [String] = []
  /// The web origins whose pages may read answers in a browser, such as
  /// `https://dashboards.example.org`.
  public var corsOrigins: [String] = []
  /// The certificate and key for HTTPS; `nil` for plain HTTP.
  public var tls: TLSFiles?
  /// The registry with the metrics of the process; `/metrics` shows all of them. Use the registry
  /// with which `MetricsSystem` was bootstrapped.
  public var metrics = PrometheusRegistry.analytics()
  /// Returns the figures that the process has about its own events, for the dashboard.
  public var processFacts: (@Sendable () -> [ProcessFact])?
  /// Options with which the command `analytics` finds the database that the server reads, such as
  /// `["--local"]`; empty if `DATABASE_URL` leads there. A page without events shows a command with
  /// these options, so they must not contain secrets.
  public var commandOptions: [String] = []
  /// Whether deployments may send their telemetry to this server. The database user then has to be
  /// a writer.
  public var collectsTelemetry = false
  /// Limits on requests.
  public var limits = ReportServerLimits()

  /// Creates the default configuration.
  public init() {}

  /// Who may send requests.
  public enum Access: Sendable {
    /// Everybody on this machine if the server listens on a loopback address only and has no other
    /// host name; otherwise the same as ``keys``.
    case automatic
    /// Callers with a key.
    case keys
    /// Everybody who can reach the server.
    case anonymous
  }

  /// A certificate chain and its private key, as PEM files.
  public struct TLSFiles: Sendable {
    /// The path of the certificate chain: the server's certificate first, then the certificates
    /// that signed it.
    public var certificate: String
    /// The path of the certificate's private key.
    public var key: String

    /// Stores the paths. The files are read when the server starts.
    public init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Whether a request needs a key.
  var needsKeys: Bool {
    switch access {
    case .keys: true
    case .anonymous: false
    case .automatic: !isLoopback || !hostNames.isEmpty
    }
  }

  /// Whether only this machine can reach the server.
  var isLoopback: Bool { HostName(host).isLoopback }
}

/// Limits on the requests of a server.
///
/// The server does not start with a value outside its range: ``ReportServer/run()`` throws
/// ``ReportServerError/Code/configuration``, and ``ReportServer/addRoutes(to:)`` stops the process.
public struct ReportServerLimits: Sendable {
  /// Requests per second for each key, or for each address without a key. 0 or less, or infinity,
  /// means no limit.
  public var requestsPerSecond = 50.0
  /// The burst: how many requests may come at once before ``requestsPerSecond`` applies; 1 or more.
  public var burst = 200
  /// How long a report may take; above zero, and at most 36,500 days.
  public var reportTimeout: Duration = .seconds(20)
  /// How long a query of raw events by the dashboard may take; above zero, and at most 36,500 days.
  /// Such queries are breakdowns, funnels and the timelines of users.
  public var exploreTimeout: Duration = .seconds(5)
  /// How long a query that the server makes for itself may take, such as looking up a key; above
  /// zero, and at most 36,500 days. The wait for a connection is limited to the same time.
  public var lookupTimeout: Duration = .seconds(5)
  /// How long a request may take to arrive, counted from its first byte; above zero, and at most
  /// 36,500 days. A TLS handshake has the same limit.
  public var requestTimeout: Duration = .seconds(10)
  /// The longest time without progress while output waits for a client to read it; above zero, and
  /// at most 36,500 days. The connection is then closed.
  public var writeStallTimeout: Duration = .seconds(30)
  /// How long a connection may be idle between requests; above zero, and at most 36,500 days.
  public var idleTimeout: Duration = .seconds(60)
  /// The largest size of all headers of a request, in bytes, 1 or more. The request line has the
  /// same limit.
  public var headerBytes = 16 * 1024
  /// The largest size of a request's body, in bytes, 0 or more; 0 permits no body.
  public var bodyBytes = 64 * 1024
  /// The largest number of open connections, 1 or more. Further ones wait until one is closed.
  public var connections = 8192
  /// The number of reports that can run at the same time, from 1 to 1000. Each uses a database
  /// connection; further reports wait.
  public var reports = 4
  /// How long an answer about a range that has ended may be reused; zero or less reuses none.
  public var cacheAge: Duration = .seconds(2)
  /// How long the server waits after it has queried the figures for `/metrics` until it queries
  /// them again; above zero, and at most 36,500 days.
  public var gaugeInterval: Duration = .seconds(30)
  /// Memory for reused answers, in bytes; 0 or less reuses none.
  public var cacheBytes = 32 * 1024 * 1024

  /// Creates the default limits.
  public init() {}
}
