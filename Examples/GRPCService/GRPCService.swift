import Analytics
import AnalyticsGRPC
import AnalyticsStore
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Logging
import ServiceLifecycle
import UnixSignals

/// A gRPC service whose calls are tracked.
///
/// ```
/// DATABASE_URL=postgres://… swift run --enable-all-traits GRPCService
/// ```
/// It listens on a free port of this machine, calls itself some times, and ends.
@main
struct GRPCService {
  static func main() async throws {
    let logger = Logger(label: "grpc-service")
    let environment = ProcessInfo.processInfo.environment
    guard let databaseURL = environment["DATABASE_URL"] else {
      let line =
        "DATABASE_URL is not set in the environment; set it to the URL of the events' database\n"
      FileHandle.standardError.write(Data(line.utf8))
      exit(1)
    }
    var configuration = AnalyticsConfiguration(service: "grpc-service")
    if let spool = environment["SPOOL_DIRECTORY"] {
      configuration.buffer = .durable(directory: spool)
    }
    let analytics = try AnalyticsClient(
      configuration, sink: try PostgresEventSink(url: databaseURL))

    let server = GRPCServer(
      transport: .http2NIOPosix(
        address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext),
      services: [TaskService()],
      // First, so that it sees the errors of the others.
      interceptors: [AnalyticsInterceptor(analytics, service: "grpc-service")])
    let group = ServiceGroup(
      configuration: .init(
        services: [
          .init(service: AnalyticsWorker(analytics, logger: logger)),
          .init(service: Server(server: server)),
          .init(
            service: Calls(server: server),
            successTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
    print("stored \(analytics.accounting.stored) of \(analytics.accounting.tracked)")
  }
}

/// Runs tasks: a call has a command, and its answer the number of characters of the command.
///
/// Messages are plain text. With Protocol Buffers, the generated code takes the place of
/// ``registerMethods(with:)``.
struct TaskService: RegistrableRPCService {
  static let run = MethodDescriptor(fullyQualifiedService: "tasks.Tasks", method: "Run")

  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    router.registerHandler(
      forMethod: Self.run, deserializer: PlainText(), serializer: PlainText()
    ) { request, _ in
      var command = ""
      for try await part in request.messages { command += part }
      guard !command.isEmpty else {
        throw RPCError(code: .invalidArgument, message: "there is no command")
      }
      return StreamingServerResponse(single: ServerResponse(message: "\(command.count)"))
    }
  }
}

/// A message is a text in UTF-8.
struct PlainText: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: String) throws -> Bytes {
    Bytes(message.utf8)
  }

  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> String {
    bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// The server as a service of the group.
struct Server: Service {
  let server: GRPCServer<HTTP2ServerTransport.Posix>

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.serve()
    } onGracefulShutdown: {
      server.beginGracefulShutdown()
    }
  }
}

/// Calls the server ten times; every other call fails.
struct Calls: Service {
  let server: GRPCServer<HTTP2ServerTransport.Posix>

  func run() async throws {
    guard let address = try await server.listeningAddress?.ipv4 else { return }
    try await withGRPCClient(
      transport: .http2NIOPosix(
        target: .ipv4(address: address.host, port: address.port), transportSecurity: .plaintext)
    ) { client in
      for number in 0..<10 {
        do {
          let answer = try await client.unary(
            request: ClientRequest(message: number.isMultiple(of: 2) ? "make all" : ""),
            descriptor: TaskService.run, serializer: PlainText(), deserializer: PlainText(),
            options: .defaults
          ) { try $0.message }
          print("answered: \(answer)")
        } catch let error as RPCError {
          print("refused: \(error.code)")
        }
      }
    }
  }
}
