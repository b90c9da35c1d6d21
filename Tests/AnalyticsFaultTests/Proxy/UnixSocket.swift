import Foundation

#if canImport(Glibc)
  private let streamType = Int32(SOCK_STREAM.rawValue)
#else
  private let streamType = SOCK_STREAM
#endif

/// A Unix socket with blocking calls. It is closed when its last reference is released.
final class UnixSocket: Sendable {
  private let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  deinit { close(descriptor) }

  static func listening(at path: String) throws -> UnixSocket {
    let socket = UnixSocket(socket(AF_UNIX, streamType, 0))
    try socket.withAddress(path) { bind(socket.descriptor, $0, $1) }
    guard listen(socket.descriptor, 64) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    return socket
  }

  static func connected(to path: String) throws -> UnixSocket {
    let socket = UnixSocket(socket(AF_UNIX, streamType, 0))
    try socket.withAddress(path) { connect(socket.descriptor, $0, $1) }
    return socket
  }

  func accept() -> UnixSocket? {
    let client = Foundation.accept(descriptor, nil, nil)
    return client < 0 ? nil : UnixSocket(client)
  }

  /// The available bytes, at least one; `nil` at the end of the stream.
  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// Writes all bytes.
  ///
  /// - Returns: `false` if the other side is closed.
  func write(_ bytes: ArraySlice<UInt8>) -> Bool {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Ends both directions. The other side can still read what was written before.
  func shutDown() {
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  private func withAddress(
    _ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { place in
      place.copyBytes(from: path.utf8.prefix(place.count - 1))
      return path.utf8.count < place.count
    }
    guard fits else { throw POSIXError(.ENAMETOOLONG) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
  }
}
