public import Analytics
internal import HTTPTypes
public import Hummingbird

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Tracks the requests of a service as `api_request` events, named by the pattern of their route.
///
/// ```swift
/// let router = Router()
/// router.add(middleware: AnalyticsMiddleware(analytics, service: "platform"))
/// ```
/// Add this middleware first, so that it sees the responses of other middleware. It applies to
/// routes that are added after it. An event contains the route's pattern (`/tasks/{id}`), never the
/// path, and of the request only the method. Requests without a route have the pattern `NotFound`.
/// The duration ends when the response begins, before its body is sent. The cost is that of
/// `track`, and no request fails because of it.
public struct AnalyticsMiddleware<Context: RequestContext>: RouterMiddleware {
  private let client: AnalyticsClient
  private let service: String
  private let userID: @Sendable (Request, Context) -> UUID?

  /// - Parameters:
  ///   - client: The client that tracks the events. An `AnalyticsWorker` must run beside it.
  ///   - service: The service's name in the events, 1…100 bytes of UTF-8.
  ///   - userID: Returns the user who makes the request. The context is as it is when the request
  ///     reaches this middleware: to read an identity from it, add this middleware after the one
  ///     that sets the identity.
  public init(
    _ client: AnalyticsClient, service: String,
    userID: @escaping @Sendable (Request, Context) -> UUID? = { _, _ in nil }
  ) {
    self.client = client
    self.service = service
    self.userID = userID
  }

  /// Passes the request on and tracks the response, or the status of the thrown error.
  @concurrent public func handle(
    _ request: Request, context: Context,
    next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    do {
      let response = try await next(request, context)
      track(request, context, response.status, since: start)
      return response
    } catch {
      // The status with which Hummingbird answers the error.
      let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
      track(request, context, status, since: start)
      throw error
    }
  }

  private func track(
    _ request: Request, _ context: Context, _ status: HTTPResponse.Status,
    since start: ContinuousClock.Instant
  ) {
    let pattern = context.endpointPath ?? Self.noRoute
    client.track(
      .apiRequest(
        service: service, endpoint: pattern,
        method: pattern == Self.noRoute ? Self.known(request.method) : request.method.rawValue,
        statusCode: UInt16(clamping: status.code),
        durationMS: Int((.now - start) / .milliseconds(1)), userID: userID(request, context)))
  }

  /// Hummingbird's name for requests without a route.
  private static var noRoute: String { "NotFound" }

  /// Clients may send any word as the method. Without a route to limit them, unusual methods are
  /// recorded as `other`.
  private static func known(_ method: HTTPRequest.Method) -> String {
    switch method {
    case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
    default: "other"
    }
  }
}
