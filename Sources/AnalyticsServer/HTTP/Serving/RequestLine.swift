internal import AnalyticsText
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1

/// The first line of a request, kept to explain why a request could not be parsed.
struct RequestLine {
  private var start: [UInt8] = []
  private var length = 0
  private var isWhole = false

  private static let startMax = 64

  /// Appends further bytes of the request.
  mutating func append(_ bytes: ByteBufferView) {
    guard !isWhole else { return }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    start += line.prefix(Self.startMax - start.count)
    length += line.count
    // An empty line may precede the request line.
    isWhole = line.count < bytes.count && start.contains { $0 != UInt8(ascii: "\r") }
  }

  /// The problem with which the request is answered.
  ///
  /// - Parameter headerBytes: The limit for the request line and for the headers, in bytes.
  func problem(_ error: HTTPParserError, headerBytes: Int) -> Problem {
    switch error {
    case .headerOverflow where length > headerBytes:
      Problem(.uriTooLong, "the target is longer than \(headerBytes) bytes")
    case .headerOverflow:
      Problem(
        .requestHeaderFieldsTooLarge, "the headers are more than 100 or \(headerBytes) bytes")
    case .invalidVersion where !saysVersion, .paused:
      Problem(.httpVersionNotSupported, "this server supports only HTTP/1.1 and 1.0")
    case .invalidMethod where saysMethod:
      Problem(.notImplemented, "the method is not supported")
    default: Problem(.badRequest, "this is not a valid HTTP/1.1 request")
    }
  }

  /// Whether the line names a supported version, so that something else is wrong.
  private var saysVersion: Bool {
    let start = String(decoding: start, as: UTF8.self)
    return start.has(bytesOf: " HTTP/1.1") || start.has(bytesOf: " HTTP/1.0")
  }

  /// Whether the line begins with a token that could be a method.
  private var saysMethod: Bool {
    let line = start.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
    guard let end = line.firstIndex(of: UInt8(ascii: " ")), end > line.startIndex else {
      return false
    }
    return HTTPRequest.Method(String(decoding: line[..<end], as: UTF8.self)) != nil
      && line[end...].contains { $0 > UInt8(ascii: " ") }
  }
}
