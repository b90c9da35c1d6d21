internal import Foundation
internal import Hummingbird
internal import Logging

/// Hummingbird middleware that passes requests through the ``RequestPolicy``.
struct RequestPolicyMiddleware<Context: RequestContext>: RouterMiddleware {
  let policy: RequestPolicy
  /// Makes the page that a person gets in place of a problem, from the request and the client's
  /// address; returns `nil` for a program.
  var page: @Sendable (Problem, Request, _ address: String) async -> Answer? = { _, _, _ in nil }

  @concurrent func handle(
    _ request: Request, context: Context,
    next: @concurrent (Request, Context) async throws -> Response
  ) async -> Response {
    var context = context
    // Some log handlers discard metadata, so the logger may not have an ID.
    let id =
      request.givenID ?? context.logger[metadataKey: "hb.request.id"]?.description
      ?? RequestID().description
    context.logger[metadataKey: "hb.request.id"] = .string(id)
    return await policy.apply(request, id: id, logger: context.logger) { problem in
      await page(problem, request, context.address)
    } next: { [context] in
      try await next(request, context)
    }
  }
}
