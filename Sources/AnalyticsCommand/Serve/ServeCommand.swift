import AnalyticsReports
import AnalyticsServer
import ArgumentParser
import CoreMetrics
import Foundation
import ServiceLifecycle
import UnixSignals

/// The command `analytics serve`.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve reports over HTTP, to programs and people.",
    discussion: """
      Reads the database. It writes the day on which a key was last used, for which the role \
      analytics_reader suffices. With --collect-telemetry it stores the documents that it receives, \
      and with --track its own requests as events; for either, its database user also needs the \
      role analytics_writer. /openapi.json describes the API.

      On a loopback address it answers everybody on this machine. On any other, or with --host-name, \
      requests need a key (`analytics keys create`); while there is none, the server refuses to start.

      Prints one line with its URL once it accepts requests. On SIGTERM or SIGINT it completes open \
      requests and ends, within 10 s.
      """)

  @OptionGroup var database: DatabaseOptions
  @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
  var host = "127.0.0.1"
  @Option(help: ArgumentHelp("The port; 0 for any that is free.", valueName: "number"))
  var port = 8484
  @Option(
    help: ArgumentHelp(
      "Default time zone of reports, such as Europe/Berlin.",
      valueName: "zone"))
  var tz = "UTC"
  @Option(
    help: ArgumentHelp(
      "A host name by which a proxy or a browser reaches the server. May be repeated.",
      valueName: "name"))
  var hostName: [String] = []
  @Flag(help: "Require no key, on any address.") var allowAnonymous = false
  @Flag(help: "Require a key on a loopback address too, as behind a proxy.") var requireKeys = false
  @Option(
    help: ArgumentHelp(
      "An origin whose pages may send requests, such as https://dashboards.example.org. May be repeated.",
      valueName: "origin"))
  var corsOrigin: [String] = []
  @Option(help: ArgumentHelp("The certificate chain, in PEM form.", valueName: "file"))
  var tlsCertificate: String?
  @Option(help: ArgumentHelp("The certificate's private key, in PEM form.", valueName: "file"))
  var tlsKey: String?
  @Option(
    help: ArgumentHelp(
      "Requests a second for each key, or each address without one; 0 for no limit.",
      valueName: "number"))
  var rateLimit = ReportServerLimits().requestsPerSecond
  @Flag(help: "Track the server's own requests as api_request of the service \"analytics\".")
  var track = false
  @Flag(
    help:
      "Accept the telemetry of deployments at /telemetry; the database user needs the writer role too."
  )
  var collectTelemetry = false

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port is a number from 0 to 65535")
    }
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key belong together; give both")
    }
    guard !(allowAnonymous && requireKeys) else {
      throw ValidationError("--allow-anonymous and --require-keys cannot be combined")
    }
    guard (0...1_000_000).contains(rateLimit) else {
      throw ValidationError("--rate-limit is a number from 0 to 1000000")
    }
  }

  func run() async throws {
    let logger = TerminalLog.logger()
    let database = try await database.database()
    var configuration = try configuration()
    MetricsSystem.bootstrap(configuration.metrics)
    let own = track ? try OwnRequests(database) : nil
    if let own { configuration.processFacts = { own.facts } }
    let server = ReportServer(
      database, configuration, logger: logger, middleware: own.map { [$0.middleware] } ?? []
    ) { url in
      // Written unbuffered: another process may wait for this line at the other end of a pipe.
      FileHandle.standardOutput.write(Data("listening on \(url)\n".utf8))
    }
    // Services shut down in reverse order: the server finishes its requests, then the worker stores
    // their events.
    let worker = own.map {
      ServiceGroupConfiguration.ServiceConfiguration(service: $0.worker(logger))
    }
    var group = ServiceGroupConfiguration(
      services: [.init(service: database)] + [worker].compactMap(\.self) + [
        .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)
      ], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(10)
    try await ServiceGroup(configuration: group).run()
  }

  private func configuration() throws -> ReportServerConfiguration {
    let zone = try ReportParameters(["tz": [tz]]).zone()
    var configuration = ReportServerConfiguration()
    configuration.host = host
    configuration.port = port
    configuration.zone = zone
    configuration.hostNames = hostName
    configuration.corsOrigins = corsOrigin
    configuration.access = allowAnonymous ? .anonymous : requireKeys ? .keys : .automatic
    configuration.collectsTelemetry = collectTelemetry
    configuration.limits.requestsPerSecond = rateLimit
    configuration.commandOptions = database.optionsOfLocal
    if let tlsCertificate, let tlsKey {
      configuration.tls = .init(certificate: tlsCertificate, key: tlsKey)
    }
    return configuration
  }
}
