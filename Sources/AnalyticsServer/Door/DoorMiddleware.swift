internal import Foundation
internal import Hummingbird
internal import Logging

/// The ``Door``, as Hummingbird wants it.
struct DoorMiddleware<Context: RequestContext>: RouterMiddleware {
  let door: Door
  /// `nil` where there are no pages.
  let pages: PageAnswers?

  @concurrent func handle(
    _ request: Request, context: Context,
    next: @concurrent (Request, Context) async throws -> Response
  ) async -> Response {
    var context = context
    // A logger need not keep what it is told.
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
