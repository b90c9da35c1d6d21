public import AnalyticsConnections
internal import AnalyticsPrometheus
internal import AnalyticsReports
internal import AnalyticsText
internal import Foundation
public import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import Logging
internal import NIOCore
internal import NIOSSL
public import ServiceLifecycle

/// Serves reports over HTTP, as a service of its own or as routes in a service's own router.
///
/// ```swift
/// let database = try AnalyticsDatabase(url: databaseURL)
/// let server = ReportServer(database)
/// try await ServiceGroup(services: [database, server], logger: logger).run()
/// ```
/// The server mostly reads. It writes only the day on which a key was last used and, if it is a
/// collector, the telemetry of deployments. While the database is unreachable, requests are
/// answered with status 503.
public struct ReportServer: Service {
  let core: ServerCore
  /// As it was given, so it may have values outside their ranges.
  private let configuration: ReportServerConfiguration
  private let logger: Logger
  private let onListening: @Sendable (String) async -> Void
  private let more: [Route]
  private let middleware: [ServerMiddleware]

  /// Middleware that runs around the server's own middleware and routes.
  package typealias ServerMiddleware = any MiddlewareProtocol<Request, Response, ServerContext>

  /// Creates a server. It connects and listens only once it runs.
  ///
  /// - Parameters:
  ///   - database: Its database user needs the role `analytics_reader`.
  ///   - onListening: Called with the server's URL once it accepts connections.
  public init(
    _ database: AnalyticsDatabase,
    _ configuration: ReportServerConfiguration = ReportServerConfiguration(),
    logger: Logger = Logger(label: "analytics.server"),
    onListening: @escaping @Sendable (String) async -> Void = { _ in }
  ) {
    self.init(database, configuration, logger: logger, middleware: [], onListening: onListening)
  }

  /// - Parameters:
  ///   - routes: Routes of other targets, added to those of this one.
  ///   - middleware: Sees each request first and its response last.
  package init(
    _ database: AnalyticsDatabase, _ configuration: ReportServerConfiguration, logger: Logger,
    routes: [Route] = [],
    middleware: [ServerMiddleware],
    onListening: @escaping @Sendable (String) async -> Void = { _ in }
  ) {
    self.init(
      database, configuration, logger: logger, routes: routes, middleware: middleware,
      clock: ServerClock(),
      onListening: onListening)
  }

  init(
    _ database: AnalyticsDatabase, _ configuration: ReportServerConfiguration, logger: Logger,
    routes: [Route] = [],
    middleware: [ServerMiddleware] = [], clock: ServerClock,
    onListening: @escaping @Sendable (String) async -> Void = { _ in }
  ) {
    self.configuration = configuration
    // The parts of the core do not accept limits outside their ranges. `run()` and `addRoutes(to:)`
    // report them before they use the core.
    var accepted = configuration
    if configuration.limits.problem != nil { accepted.limits = ReportServerLimits() }
    core = ServerCore(database, accepted, logger: logger, clock: clock)
    self.logger = logger
    self.onListening = onListening
    more = routes
    self.middleware = middleware
  }

  /// Adds the report API to a service's own router, or to a group of it.
  ///
  /// ``ReportServerConfiguration/access`` decides whether a request needs a key. Set it to
  /// ``ReportServerConfiguration/Access/keys`` unless the service authorizes requests itself: the
  /// default looks at ``ReportServerConfiguration/host``, not at the service's real address. The
  /// service determines the address, TLS, the accepted host names, and the limits of connections
  /// and headers. ``ReportServerLimits/bodyBytes`` still applies to a declared Content-Length.
  ///
  /// Each of ``ReportServerConfiguration/limits`` must be within its range, also those that the
  /// service determines itself; otherwise the process stops.
  public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
    OptionRange.require(noProblem: configuration.limits.problem)
    let group = router.group().add(
      middleware: RequestPolicyMiddleware<Context>(policy: policy(checksHost: false)))
    core.add(ServerRoutes.api(core), to: group)
  }

  /// Queries the database on a schedule for the figures that `/metrics` shows. ``run()`` runs it; a
  /// service that calls ``addRoutes(to:)`` has to run it itself, or `/metrics` lacks these figures.
  public var figureUpdates: some Service { core.metrics.gauges }

  /// Serves requests until the task is cancelled or the service shuts down, and then finishes the
  /// requests that have arrived.
  ///
  /// - Throws: ``ReportServerError`` if the server may not or cannot listen: a value of the
  ///   configuration is outside its range, there is no key, the certificate cannot be used, or the
  ///   address is in use.
  public func run() async throws {
    try configuration.check()
    try await requireKeys()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await core.metrics.gauges.run() }
      try await listen()
      group.cancelAll()
    }
  }

  private func listen() async throws {
    let (host, port) = (core.configuration.host, core.configuration.port)
    do {
      try await application().run()
    } catch let error as IOError {
      throw ReportServerError.address(host, port, error)
    } catch let error as SocketAddressError.UnknownHost {
      throw ReportServerError.unknownHost(host, error)
    }
  }

  /// Refuses to listen if other machines can reach the server, access needs a key, and no key
  /// exists.
  private func requireKeys() async throws {
    guard core.configuration.needsKeys else { return }
    do {
      guard try await core.database.hasKeys() else { throw ReportServerError.noKeys }
    } catch let problem as Problem {
      // The server starts all the same. Every request fails until the database can be asked for its
      // key.
      logger.warning("\(problem.cause ?? problem.detail)")
    }
  }

  func application() throws -> some ApplicationProtocol {
    let configuration = core.configuration
    let scheme = configuration.tls == nil ? "http" : "https"
    return Application(
      router: router(),
      server: try server(),
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: MaximumAvailableConnections(
          configuration.limits.connections)),
      onServerRunning: { channel in
        guard let port = channel.localAddress?.port else { return }
        let host = configuration.host.has(":") ? "[\(configuration.host)]" : configuration.host
        await onListening("\(scheme)://\(host):\(port)/")
      },
      logger: logger)
  }

  private func router() -> Router<ServerContext> {
    let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
    for middleware in middleware { router.add(middleware: middleware) }
    let pages = PageAnswers(core: core)
    router.add(
      middleware: RequestPolicyMiddleware(policy: policy(checksHost: core.configuration.isLoopback))
      {
        await pages.refusal($0, $1, from: $2)
      })
    let routes = ServerRoutes.all(core) + more
    core.add(routes + ServerRoutes.refusals(of: routes), to: router)
    return router
  }

  private func policy(checksHost: Bool) -> RequestPolicy {
    RequestPolicy(
      hostNames: checksHost ? core.configuration.hostNames.map { HostName($0) } : nil,
      corsOrigins: Set(core.configuration.corsOrigins.map { ExactString($0) }),
      bodyBytes: core.configuration.limits.bodyBytes, isTLS: core.configuration.tls != nil)
  }

  private func server() throws -> HTTPServerBuilder {
    let (limits, files) = (core.configuration.limits, core.configuration.tls)
    let plain = HTTPServerBuilder {
      ServerChannel(responder: $0, limits: limits, isTLS: files != nil)
    }
    return try files.map { try .tls(plain, tlsConfiguration: .files($0)) } ?? plain
  }
}

extension TLSConfiguration {
  fileprivate static func files(_ files: ReportServerConfiguration.TLSFiles) throws -> Self {
    for path in [files.certificate, files.key] where access(path, R_OK) != 0 {
      throw ReportServerError.file(path, errno)
    }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
      let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
      guard !chain.isEmpty else { throw ReportServerError.certificate(files) }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      return configuration
    } catch let error as NIOSSLError {
      throw ReportServerError.certificate(files, cause: error)
    }
  }
}
