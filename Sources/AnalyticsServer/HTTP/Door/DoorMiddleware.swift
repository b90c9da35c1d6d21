internal import Foundation
internal import Hummingbird
internal import Logging

/// Hummingbird middleware that passes requests through the ``Door``.
struct DoorMiddleware<Context: RequestContext>: RouterMiddleware {
  let door: Door
  /// `nil` if the router has no pages.
  let pages: PageAnswers?

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
    return await door.pass(request, id: id, logger: context.logger) { problem in
      await pages?.refusal(problem, request, from: context.address)
    } next: { [context] in
      try await next(request, context)
    }
  }
}
