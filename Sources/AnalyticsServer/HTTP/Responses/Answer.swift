package import AnalyticsText
package import HTTPTypes
package import HummingbirdCore
package import NIOCore
internal import Synchronization

/// A route's answer, before the headers that every response gets are added.
package struct Answer: Sendable {
  package var status: HTTPResponse.Status
  package var headers: HTTPFields
  package var body: Content

  /// The content of the body.
  package enum Content: Sendable {
    case none
    case bytes(Body)
    /// A stream of unknown length.
    case stream(ResponseBody)
  }

  package init(
    _ status: HTTPResponse.Status = .ok, body: Content = .none, headers: HTTPFields = [:]
  ) {
    self.status = status
    self.body = body
    self.headers = headers
  }

  package static func json(_ value: JSON, _ status: HTTPResponse.Status = .ok) -> Answer {
    Answer(status, body: .bytes(Body(value, type: "application/json")))
  }

  /// - Parameter path: A path on this server.
  package static func redirect(to path: String) -> Answer {
    Answer(.seeOther, headers: [.location: path])
  }
}

/// A complete response body. It is compressed when that is first needed, and keeps the result.
package final class Body: Sendable {
  package let type: String
  package let plain: ByteBuffer
  private let compressed = Mutex<ByteBuffer?>(nil)

  package init(_ bytes: [UInt8], type: String) {
    plain = ByteBuffer(bytes: bytes)
    self.type = type
  }

  package convenience init(_ text: String, type: String) { self.init(Array(text.utf8), type: type) }

  package convenience init(_ value: JSON, type: String) {
    var writer = JSONWriter()
    writer.write(value)
    self.init(writer.bytes, type: type)
  }

  /// Smaller bodies fit into one packet even without compression.
  static let compressedFrom = 1024

  /// The compressed body; `nil` if compression is not worthwhile or fails.
  var gzipped: ByteBuffer? {
    guard plain.readableBytes >= Self.compressedFrom else { return nil }
    return compressed.withLock { compressed in
      if compressed == nil { compressed = plain.withUnsafeReadableBytes(Gzip.compress) }
      return compressed
    }
  }
}
