package import Foundation
package import Hummingbird
internal import NIOCore

/// A request that was let in, as a route sees it.
package struct Call: Sendable {
  package var request: Request
  package var query: QueryItems
  /// What stands in the path where the route has `{report}`.
  var report: String?
  /// Whose it is; `nil` before somebody is let in, and on routes that let in everybody.
  package var caller: Caller?
  /// Where it comes from.
  package var address: String
  /// What "now" and "today" mean in it.
  package var now: Date
  /// Throws once the caller may not have more of an answer, by what is known of the key that is no older than this.
  var readmit: @Sendable (Duration) async throws -> Void = { _ in }

  /// The path alone.
  package var path: String { request.uri.path }

  /// The body of a form.
  ///
  /// - Throws: A problem of status 413 beyond the limit, or 400.
  func form(upTo limit: Int) async throws -> QueryItems {
    let bytes: ByteBuffer
    do {
      bytes = try await request.body.collect(upTo: limit)
    } catch is NIOTooManyBytesError {
      throw Problem.tooLong(limit)
    }
    return try QueryItems(String(buffer: bytes))
  }
}
