internal import AnalyticsText
package import Foundation
package import Hummingbird
internal import NIOCore

/// A request, as a route's handler sees it.
package struct Call: Sendable {
  package var request: Request
  package var query: QueryItems
  /// The value of `{report}` in the route's path.
  var report: String?
  /// The sender; `nil` before the request is authorized, and on routes that are open to everybody.
  package var caller: Caller?
  /// The IP address of the peer.
  package var address: String
  /// The instant that "now" and "today" refer to.
  package var now: Date
  /// Authorizes the caller again, with a look-up of the key that is no older than this duration.
  /// Throws if the caller may not get more of the answer.
  var readmit: @Sendable (Duration) async throws -> Void = { _ in }

  /// The path without the query.
  package var path: String { request.uri.path }

  /// The path below which a service has mounted the server's routes; empty if it has not, or if the
  /// request is not for this route. Routes match whatever the number of slashes between and after
  /// the parts of a path.
  func path(above route: String) -> String {
    let parts = path.split(at: "/").filter { !$0.isEmpty }
    let own = route.split(at: "/").filter { !$0.isEmpty }
    guard parts.count >= own.count,
      zip(parts.suffix(own.count), own).allSatisfy({ $0.isSame(as: $1) })
    else { return "" }
    return parts.dropLast(own.count).map { "/" + $0 }.joined()
  }

  /// Reads the body as a form.
  ///
  /// - Throws: A problem of status 413 if the body is longer than `limit`, or of status 400 if it
  ///   is malformed.
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
