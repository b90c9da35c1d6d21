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

  /// A service with a method for each way in which a call can end.
  private struct Service: RegistrableRPCService {
    struct Failure: Error {}

    /// An error with an RPC error code.
    struct Refusal: Error, RPCErrorConvertible {
      var rpcErrorCode: RPCError.Code { .permissionDenied }
      var rpcErrorMessage: String { "not your task" }
    }

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
      register("Convert") { throw Refusal() }
      register("Cancel") { throw CancellationError() }
      register("Intercept") { StreamingServerResponse(single: ServerResponse(message: [1])) }
      register("Stream") {
        StreamingServerResponse { writer in
          try await writer.write([1])
          try await writer.write([2])
          throw RPCError(code: .unavailable, message: "the disk is away")
        }
      }
      register("StreamConvert") {
        StreamingServerResponse { writer in
          try await writer.write([1])
          throw Refusal()
        }
      }
      router.registerHandler(
        forMethod: Self.method("Watch"), deserializer: Bytes(), serializer: Bytes()
      ) { request, _ in
        StreamingServerResponse { writer in
          try await writer.write([1])
          // The client sends nothing more, so this loop ends when the client disconnects.
          do { for try await _ in request.messages {} } catch {}
          throw RPCError(code: .cancelled, message: "the client is gone")
        }
      }
    }
  }

  /// Refuses the calls of one method.
  private struct Gate: ServerInterceptor {
    @concurrent func intercept<Input: Sendable, Output: Sendable>(
      request: StreamingServerRequest<Input>, context: ServerContext,
      next:
        @concurrent @Sendable (
          StreamingServerRequest<Input>, ServerContext
        ) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
      guard context.descriptor.method != "Intercept" else {
        throw RPCError(code: .unauthenticated, message: "who are you?")
      }
      return try await next(request, context)
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

  /// Makes calls. Returns the stored events of these calls, sorted.
  ///
  /// - Parameter others: Interceptors after the one under test.
  private func tracked<Value: Sendable>(
    through others: [any ServerInterceptor] = [],
    _ calls: @escaping @Sendable (GRPCClient<InProcessTransport.Client>) async throws -> Value
  ) async throws -> (lines: [String], value: Value) {
    let sink = InMemorySink()
    let client = try AnalyticsClient(
      AnalyticsConfiguration(service: "other", buffer: .memory()), sink: sink)
    let interceptor = AnalyticsInterceptor(client, service: "tasks") { metadata, _ in
      metadata[stringValues: "authorization"].contains { _ in true } ? Self.user : nil
    }
    let transport = InProcessTransport()
    var value: Value?
    try await withWorker(client) {
      // The server ends once all calls have been handled.
      let found: Value = try await withGRPCServer(
        transport: transport.server, services: [Service()], interceptors: [interceptor] + others
      ) { _ in
        try await withGRPCClient(transport: transport.client) { try await calls($0) }
      }
      value = found
      try await client.flush(timeout: .seconds(300))
    }
    #expect(client.accounting.isBalanced)
    return (try sink.events.map(line).sorted(), try #require(value))
  }

  /// Calls a method. Returns the code of the error that the client receives.
  private static func code(
    of method: String, by caller: GRPCClient<InProcessTransport.Client>,
    with metadata: Metadata = [:]
  ) async throws -> RPCError.Code? {
    do {
      try await caller.serverStreaming(
        request: ClientRequest(message: [], metadata: metadata),
        descriptor: Service.method(method), serializer: Bytes(), deserializer: Bytes(),
        options: .defaults
      ) { response in
        for try await _ in response.messages {}
      }
      return nil
    } catch let error as RPCError {
      return error.code
    }
  }

  /// The contents of an event as text, without its duration.
  private func line(_ event: StoredEvent) throws -> String {
    let data = try #require(
      try JSONSerialization.jsonObject(with: Data(event.data.utf8)) as? [String: Any])
    #expect(Set(data.keys) == ["endpoint", "method", "status_code", "duration_ms"])
    #expect(event.type == "api_request" && event.service == "tasks")
    #expect(data["duration_ms"] as? Int ?? -1 >= 0)
    let user = event.userID == Self.user ? " by the user" : ""
    return "\(data["method"] ?? "") \(data["endpoint"] ?? "") \(data["status_code"] ?? "")\(user)"
  }

  @Test(
    "that are answered are tracked once, with the status of the code that the client receives",
    arguments: [false, true])
  func endings(isGated: Bool) async throws {
    let expected: [String: UInt16] = [
      "Cancel": 500, "Convert": 403, "Intercept": isGated ? 401 : 200, "Refuse": 404, "Run": 200,
      "Stream": 503, "StreamConvert": 403, "Throw": 500,
    ]
    let (lines, codes) = try await tracked(through: isGated ? [Gate()] : []) { caller in
      var found: [String: RPCError.Code] = [:]
      for method in expected.keys { found[method] = try await Self.code(of: method, by: caller) }
      return found
    }
    #expect(lines == expected.map { "gRPC /tasks.Tasks/\($0.key) \($0.value)" }.sorted())
    for (method, status) in expected {
      let told = codes[method].map(AnalyticsInterceptor.statusCode(of:)) ?? 200
      #expect(told == status, "\(method)")
    }
  }

  @Test("have the user that the service finds in the metadata")
  func users() async throws {
    let (lines, code) = try await tracked { caller in
      try await Self.code(of: "Run", by: caller, with: ["authorization": "x"])
    }
    #expect(lines == ["gRPC /tasks.Tasks/Run 200 by the user"] && code == nil)
  }

  @Test("that the client cancels during the response are tracked once, when the service notices")
  func cancelled() async throws {
    let (lines, _) = try await tracked { caller in
      let (answers, answered) = AsyncStream<Void>.makeStream()
      // Keeps the request open while the client waits.
      let (rest, held) = AsyncStream<Void>.makeStream()
      let call = Task {
        defer { answered.finish() }
        try await caller.bidirectionalStreaming(
          request: StreamingClientRequest(of: [UInt8].self) { _ in for await _ in rest {} },
          descriptor: Service.method("Watch"), serializer: Bytes(), deserializer: Bytes(),
          options: .defaults
        ) { response in
          for try await _ in response.messages { answered.yield() }
        }
      }
      let isAnswered = await answers.first { _ in true } != nil
      #expect(isAnswered)
      call.cancel()
      _ = await call.result
      held.finish()
    }
    #expect(lines == ["gRPC /tasks.Tasks/Watch 499"])
  }

  @Test("of methods that the server does not have are not tracked")
  func unknownMethod() async throws {
    let (lines, code) = try await tracked { caller in
      let code = try await Self.code(of: "Missing", by: caller)
      _ = try await Self.code(of: "Run", by: caller)
      return code
    }
    #expect(lines == ["gRPC /tasks.Tasks/Run 200"] && code == .unimplemented)
  }

  @Test("have the HTTP status that google/rpc/code.proto gives for their code")
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
