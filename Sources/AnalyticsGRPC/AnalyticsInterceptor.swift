public import Analytics
public import GRPCCore

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Tracks the calls of a gRPC server as `api_request` events, named by their method.
///
/// ```swift
/// let server = GRPCServer(
///   transport: transport, services: [tasks],
///   interceptors: [AnalyticsInterceptor(analytics, service: "platform")])
/// ```
/// Put this interceptor first, so that it sees the errors of the others. An event contains the path
/// of the method (`/tasks.Tasks/Run`) as its endpoint, `gRPC` as its method, and no message or
/// metadata of the call. Its status code is the HTTP status that stands for the gRPC code (see
/// ``statusCode(of:)``), so that reports count failures of both protocols in the same way. The
/// duration ends with the last message of the response. The cost is that of `track`, and no call
/// fails because of it. Two kinds of calls are not tracked: those of methods that the server does
/// not have, and those whose client is gone before the response begins.
public struct AnalyticsInterceptor: ServerInterceptor {
  private let client: AnalyticsClient
  private let service: String
  private let userID: @Sendable (Metadata, ServerContext) -> UUID?

  /// - Parameters:
  ///   - client: The client that tracks the events. An `AnalyticsWorker` must run beside it.
  ///   - service: The service's name in the events, 1…100 bytes of UTF-8.
  ///   - userID: Returns the user who makes the call. The metadata is as it is when the call
  ///     reaches this interceptor.
  public init(
    _ client: AnalyticsClient, service: String,
    userID: @escaping @Sendable (Metadata, ServerContext) -> UUID? = { _, _ in nil }
  ) {
    self.client = client
    self.service = service
    self.userID = userID
  }

  /// Passes the call on, and tracks it when its response ends.
  @concurrent public func intercept<Input: Sendable, Output: Sendable>(
    request: StreamingServerRequest<Input>, context: ServerContext,
    next:
      @concurrent @Sendable (
        StreamingServerRequest<Input>, ServerContext
      ) async throws -> StreamingServerResponse<Output>
  ) async throws -> StreamingServerResponse<Output> {
    let call = Call(
      endpoint: "/" + context.descriptor.fullyQualifiedMethod,
      user: userID(request.metadata, context), start: .now)
    do {
      let response = try await next(request, context)
      return StreamingServerResponse(accepted: track(call, response.accepted))
    } catch {
      track(call, error)
      throw error
    }
  }

  /// Tracks a refused call at once, and any other when its messages have been produced.
  private func track<Output>(
    _ call: Call, _ accepted: Result<StreamingServerResponse<Output>.Contents, RPCError>
  ) -> Result<StreamingServerResponse<Output>.Contents, RPCError> {
    switch accepted {
    case .failure(let error):
      track(call, error)
      return accepted
    case .success(var contents):
      let produce = contents.producer
      contents.producer = { writer in
        do {
          let trailer = try await produce(writer)
          track(call, nil)
          return trailer
        } catch {
          track(call, error)
          throw error
        }
      }
      return .success(contents)
    }
  }

  private func track(_ call: Call, _ error: (any Error)?) {
    client.track(
      .apiRequest(
        service: service, endpoint: call.endpoint, method: "gRPC",
        statusCode: error.map { Self.statusCode(of: Self.code(of: $0)) } ?? 200,
        durationMS: Int((.now - call.start) / .milliseconds(1)), userID: call.user))
  }

  private struct Call {
    var endpoint: String
    var user: UUID?
    var start: ContinuousClock.Instant
  }
}

extension AnalyticsInterceptor {
  /// The code with which gRPC answers an error.
  private static func code(of error: any Error) -> RPCError.Code {
    switch error {
    case let error as RPCError: error.code
    case let error as any RPCErrorConvertible: error.rpcErrorCode
    default: .unknown
    }
  }

  /// The HTTP status that stands for a gRPC code, as `google/rpc/code.proto` maps them: 499 for
  /// `CANCELLED`, 404 for `NOT_FOUND`, 503 for `UNAVAILABLE`.
  public static func statusCode(of code: RPCError.Code) -> UInt16 {
    switch code {
    case .invalidArgument, .failedPrecondition, .outOfRange: 400
    case .unauthenticated: 401
    case .permissionDenied: 403
    case .notFound: 404
    case .alreadyExists, .aborted: 409
    case .resourceExhausted: 429
    case .cancelled: 499
    case .unimplemented: 501
    case .unavailable: 503
    case .deadlineExceeded: 504
    default: 500
    }
  }
}
