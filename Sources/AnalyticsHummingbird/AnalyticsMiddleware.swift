public import Analytics
internal import HTTPTypes
public import Hummingbird

#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Tracks the requests of a service as `api_request`, by the pattern of their route.
///
/// ```swift
/// let router = Router()
/// router.add(middleware: AnalyticsMiddleware(analytics, service: "platform"))
/// ```
/// Add it first, so that it sees what other middleware answers; it applies to routes that are added
/// after it. An event has the route's pattern (`/tasks/{id}`), never the path, and nothing else of the
/// request but its method. Requests without a route share the pattern `NotFound`. The duration ends
/// when the response begins. It costs what `track` costs, and no request fails because of it.
public struct AnalyticsMiddleware<Context: RequestContext>: RouterMiddleware {
  private let client: AnalyticsClient
  private let service: String
  private let userID: @Sendable (Request, Context) -> UUID?

  /// - Parameters:
  ///   - client: Stores the events, with an `AnalyticsWorker` beside it.
  ///   - service: The service's name in the events, 1 to 100 bytes.
  ///   - userID: Who asks. The context is as it comes here: to read an identity from it, add this
  ///     after the middleware that sets it.
  public init(
    _ client: AnalyticsClient, service: String,
    userID: @escaping @Sendable (Request, Context) -> UUID? = { _, _ in nil }
  ) {
    self.client = client
    self.service = service
    self.userID = userID
  }

  /// See `RouterMiddleware`.
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
      // As Hummingbird answers it.
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

  /// As Hummingbird calls it.
  private static var noRoute: String { "NotFound" }

  /// Anybody may send any word as the method; where no route limits them, few names are kept.
  private static func known(_ method: HTTPRequest.Method) -> String {
    switch method {
    case .get, .head, .post, .put, .patch, .delete, .options: method.rawValue
    default: "other"
    }
  }
}
