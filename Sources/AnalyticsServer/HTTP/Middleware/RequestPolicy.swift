internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Handles every request, including those that no route matches: it checks the request before the
/// route, adds headers after it, and turns errors into problems.
struct RequestPolicy: Sendable {
  /// The accepted names besides the loopback ones; `nil` if the `Host` header is not checked.
  let hostNames: [HostName]?
  let corsOrigins: Set<ExactString>
  let bodyBytes: Int
  let isTLS: Bool

  /// - Parameters:
  ///   - page: Makes the page that a person gets in place of a problem; returns `nil` for a
  ///     program.
  ///   - next: Answers the request. Its errors become problems.
  func apply(
    _ request: Request, id: String, logger: Logger, page: (Problem) async -> Answer? = { _ in nil },
    next: () async throws -> Response
  ) async -> Response {
    var response: Response
    do {
      if let answer = preflight(request) {
        response = answer.response(to: request)
      } else {
        try check(request)
        response = try await next()
      }
    } catch {
      let problem = problem(of: error, logger: logger)
      response = (await page(problem) ?? problem.answer(id: id)).response(to: request)
    }
    addHeaders(to: &response, request, id: id)
    return response
  }

  private func check(_ request: Request) throws(Problem) {
    if let hostNames {
      // DNS rebinding: a foreign page can make its own host name resolve to this machine's loopback
      // address.
      guard let authority = request.head.authority else {
        throw Problem(.badRequest, "the Host header is missing")
      }
      let name = HostName(authority)
      guard name.isLoopback || hostNames.contains(name) else {
        throw Problem(
          .misdirectedRequest,
          "unknown host name: start the server with --host-name, or use localhost")
      }
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bodyBytes {
      throw .tooLong(bodyBytes)
    }
  }

  private func problem(of error: any Error, logger: Logger) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let error as HTTPError:
      return Problem(
        error.status,
        error.body
          ?? (error.status == .notFound ? "no such path" : "the request cannot be answered"))
    // Reached only in a service's own server; RequestGuard refuses such a request earlier.
    case is HTTPParserError:
      return Problem(
        .badRequest, "the body is not framed as HTTP/1.1 requires", headers: [.connection: "close"])
    // The client has disconnected. Nothing is logged, because a client can do so any number of
    // times.
    case is IOError, is ChannelError:
      return Problem(.badRequest, "the connection ended before the request was complete")
    case is CancellationError: return .unavailable("the server is shutting down")
    default:
      // Only the type is logged: the text of an error may contain data of the request.
      logger.error(
        "a request failed", metadata: ["error.type": "\(type(of: error))"])
      return Problem(.internalServerError, "the server failed")
    }
  }

  /// The security headers of every response that does not set its own.
  static func fields(isTLS: Bool) -> HTTPFields {
    var fields: HTTPFields = [
      .xContentTypeOptions: "nosniff", .referrerPolicy: "no-referrer",
      .contentSecurityPolicy: policy, .cacheControl: "no-store",
    ]
    if isTLS { fields[.strictTransportSecurity] = "max-age=31536000" }
    return fields
  }

  private func addHeaders(to response: inout Response, _ request: Request, id: String) {
    response.headers[.requestID] = id
    for field in Self.fields(isTLS: isTLS) where !response.headers.contains(field.name) {
      response.headers.append(field)
    }
    if let origin = request.headers[.origin], corsOrigins.contains(ExactString(origin)) {
      response.headers[.accessControlAllowOrigin] = origin
      response.headers[.accessControlExposeHeaders] = "ETag, Link, Retry-After, X-Request-Id"
    }
    response.headers[.vary] =
      corsOrigins.isEmpty ? "Accept, Accept-Encoding" : "Accept, Accept-Encoding, Origin"
  }

  /// The answer to the CORS preflight request of a permitted origin.
  private func preflight(_ request: Request) -> Answer? {
    guard request.method == .options, request.headers[.accessControlRequestMethod] != nil,
      let origin = request.headers[.origin], corsOrigins.contains(ExactString(origin))
    else { return nil }
    return Answer(
      .noContent,
      headers: [
        .accessControlAllowMethods: "GET, HEAD", .accessControlMaxAge: "600",
        .accessControlAllowHeaders: "Authorization, If-None-Match",
      ])
  }

  /// Permits no resources of other origins, no inline scripts or styles, and no frame around a
  /// page.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

extension HTTPField.Name {
  static let link = Self("Link")!
  static let requestID = Self("X-Request-Id")!
  static let referrerPolicy = Self("Referrer-Policy")!
}

extension Request {
  /// The client's request ID, if it is safe in logs and headers.
  var givenID: String? {
    headers[.requestID].flatMap { id in
      let isPlain = id.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 32)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
      }
      return isPlain && (1...64).contains(id.utf8.count) ? id : nil
    }
  }
}

extension Answer {
  /// Makes the response, compressed if the client accepts gzip and the body is large enough.
  func response(to request: Request) -> Response {
    var headers = headers
    switch body {
    case .none: return Response(status: status, headers: headers)
    case .stream(let body): return Response(status: status, headers: headers, body: body)
    case .bytes(let body):
      headers[.contentType] = body.type
      if request.takesGzip, let gzipped = body.gzipped {
        headers[.contentEncoding] = "gzip"
        return Response(status: status, headers: headers, body: .init(byteBuffer: gzipped))
      }
      return Response(status: status, headers: headers, body: .init(byteBuffer: body.plain))
    }
  }
}

extension Request {
  /// Whether `Accept-Encoding` permits gzip, by name or by `*`.
  fileprivate var takesGzip: Bool {
    let items = HeaderList(headers[.acceptEncoding]).items
    let item = items.first { $0.value == "gzip" } ?? items.first { $0.value == "*" }
    return item.map { $0.quality > 0 } ?? false
  }
}
