import Analytics
import AnalyticsGRPC
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import GRPCCore
import GRPCInProcessTransport
import Testing

@Suite("Calls of a gRPC service", .timeLimit(.minutes(60)))
struct AnalyticsInterceptorTests {
  private static let user = UUID()

  /// A service with a method for each way in which a call ends.
  private struct Service: RegistrableRPCService {
    struct Failure: Error {}

    static func method(_ name: String) -> MethodDescriptor {
      MethodDescriptor(fullyQualifiedService: "tasks.Tasks", method: name)
    }

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
      func register(
        _ name: String,
        _ answer: @escaping @Sendable () async throws -> StreamingServerResponse<[UInt8]>
      ) {
        router.registerHandler(
          forMethod: Self.method(name), deserializer: Bytes(), serializer: Bytes()
        ) { _, _ in try await answer() }
      }
      register("Run") { StreamingServerResponse(single: ServerResponse(message: [1])) }
      register("Refuse") {
        StreamingServerResponse(error: RPCError(code: .notFound, message: "no such task"))
      }
      register("Throw") { throw Failure() }
      register("Cancel") { throw CancellationError() }
      register("Stream") {
        StreamingServerResponse { writer in
          try await writer.write([1])
          try await writer.write([2])
          throw RPCError(code: .unavailable, message: "the disk is away")
        }
      }
    }
  }

  private struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<Target: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Target {
      Target(message)
    }

    func deserialize<Source: GRPCContiguousBytes>(_ bytes: Source) throws -> [UInt8] {
      bytes.withUnsafeBytes { [UInt8]($0) }
    }
  }

  /// Calls methods, each with metadata; returns what is stored of the calls,
  /// in the order of the alphabet.
  private func tracked(_ calls: [(method: String, metadata: Metadata)]) async throws -> [String] {
    let sink = InMemorySink()
    let client = try AnalyticsClient(
      AnalyticsConfiguration(service: "other", buffer: .memory()), sink: sink)
    let interceptor = AnalyticsInterceptor(client, service: "tasks") { metadata, _ in
      metadata[stringValues: "authorization"].contains { _ in true } ? Self.user : nil
    }
    let transport = InProcessTransport()
    try await withWorker(client) {
      try await withGRPCServer(
        transport: transport.server, services: [Service()], interceptors: [interceptor]
      ) { _ in
        try await withGRPCClient(transport: transport.client) { caller in
          for call in calls {
            _ = try? await caller.serverStreaming(
              request: ClientRequest(message: [], metadata: call.metadata),
              descriptor: Service.method(call.method), serializer: Bytes(), deserializer: Bytes(),
              options: .defaults
            ) { response in
              for try await _ in response.messages {}
            }
          }
        }
      }
      try await client.flush(timeout: .seconds(300))
    }
    #expect(client.accounting.isBalanced)
    return try sink.events.map(line).sorted()
  }

  /// What an event says, but for its duration.
  private func line(_ event: StoredEvent) throws -> String {
    let data = try #require(
      try JSONSerialization.jsonObject(with: Data(event.data.utf8)) as? [String: Any])
    #expect(Set(data.keys) == ["endpoint", "method", "status_code", "duration_ms"])
    #expect(event.type == "api_request" && event.service == "tasks")
    #expect(data["duration_ms"] as? Int ?? -1 >= 0)
    let user = event.userID == Self.user ? " by the user" : ""
    return "\(data["method"] ?? "") \(data["endpoint"] ?? "") \(data["status_code"] ?? "")\(user)"
  }

  @Test("that are answered are tracked once, by method and status")
  func endings() async throws {
    let lines = try await tracked([
      ("Run", ["authorization": "x"]), ("Refuse", [:]), ("Throw", [:]), ("Cancel", [:]),
      ("Stream", [:]),
    ])
    #expect(
      lines == [
        "gRPC /tasks.Tasks/Cancel 500", "gRPC /tasks.Tasks/Refuse 404",
        "gRPC /tasks.Tasks/Run 200 by the user", "gRPC /tasks.Tasks/Stream 503",
        "gRPC /tasks.Tasks/Throw 500",
      ])
  }

  @Test("of methods that the server does not have are not tracked")
  func unknownMethod() async throws {
    #expect(try await tracked([("Missing", [:]), ("Run", [:])]) == ["gRPC /tasks.Tasks/Run 200"])
  }

  @Test("have the status of google/rpc/code.proto")
  func statuses() {
    let expected: [(RPCError.Code, UInt16)] = [
      (.cancelled, 499), (.unknown, 500), (.invalidArgument, 400), (.deadlineExceeded, 504),
      (.notFound, 404), (.alreadyExists, 409), (.permissionDenied, 403), (.unauthenticated, 401),
      (.resourceExhausted, 429), (.failedPrecondition, 400), (.aborted, 409), (.outOfRange, 400),
      (.unimplemented, 501), (.internalError, 500), (.unavailable, 503), (.dataLoss, 500),
    ]
    for (code, status) in expected {
      #expect(AnalyticsInterceptor.statusCode(of: code) == status, "\(code)")
    }
  }
}
