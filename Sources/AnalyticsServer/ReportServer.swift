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

/// Reports over HTTP: a service of its own, or routes in a service's own router.
///
/// ```swift
/// let database = try AnalyticsDatabase(url: databaseURL)
/// let server = ReportServer(database)
/// try await ServiceGroup(services: [database, server], logger: logger).run()
/// ```
/// It reads. All that it writes is on which day a key was used, and what deployments send to a collector. A
/// database that is away is a problem of status 503 until it is back.
public struct ReportServer: Service {
  let core: ServerCore
  private let logger: Logger
  private let onListening: @Sendable (String) async -> Void
  private let more: [Route]
  private let middleware: [ServerMiddleware]

  /// What stands around the server's own middleware and routes.
  package typealias ServerMiddleware = any MiddlewareProtocol<Request, Response, ServerContext>

  /// Opens nothing yet.
  ///
  /// - Parameters:
  ///   - database: Its login needs the role `analytics_reader`.
  ///   - onListening: Called once the server can be asked, with where.
  public init(
    _ database: AnalyticsDatabase,
    _ configuration: ReportServerConfiguration = ReportServerConfiguration(),
    logger: Logger = Logger(label: "analytics.server"),
    onListening: @escaping @Sendable (String) async -> Void = { _ in }
  ) {
    self.init(database, configuration, logger: logger, middleware: [], onListening: onListening)
  }

  /// - Parameters:
  ///   - routes: Routes of others, besides those of this target.
  ///   - middleware: Sees each request first, and what is answered to it.
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
    core = ServerCore(database, configuration, logger: logger, clock: clock)
    self.logger = logger
    self.onListening = onListening
    more = routes
    self.middleware = middleware
  }

  /// Adds the report API to a service's own router, or to a group of it.
  ///
  /// Keys are asked for as the configuration says, so say ``ReportServerConfiguration/Access/keys``
  /// unless the service itself decides who gets there. Its address, names, TLS and sizes are the
  /// service's.
  public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
    let group = router.group().add(
      middleware: DoorMiddleware<Context>(door: door(checksHost: false), pages: nil))
    core.add(ServerRoutes.api(core), to: group)
  }

  /// Listens until the task is cancelled or the service is to stop; then finishes what was asked.
  ///
  /// - Throws: ``ReportServerError`` if it may not or cannot listen: no key, no certificate, an address
  ///   that is in use.
  public func run() async throws {
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

  /// Refuses to listen where anybody may come and nobody has a key.
  private func requireKeys() async throws {
    guard core.configuration.needsKeys else { return }
    do {
      guard try await core.database.hasKeys() else { throw ReportServerError.noKeys }
    } catch let problem as Problem {
      // Nobody is let in before the database says whose key is right.
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
        availableConnectionsDelegate: MaximumAvailableConnections(configuration.limits.connections)),
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
    router.add(
      middleware: DoorMiddleware(
        door: door(checksHost: core.configuration.isLoopback), pages: PageAnswers(core: core)))
    let routes = ServerRoutes.all(core) + more
    core.add(routes + ServerRoutes.refusals(of: routes), to: router)
    return router
  }

  private func door(checksHost: Bool) -> Door {
    Door(
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
