#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The settings of a private cluster, which are written to `local.conf`.
enum ServerSettings {
  /// Settings for a small server with durable commits.
  static let defaults: [String: String] = [
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "lc_messages": "C",
    "cluster_name": "analytics",
  ]

  /// Settings for clusters that need not survive a crash of the machine, with connections for many
  /// tests at once.
  static let withoutDurability: [String: String] = [
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "800",
  ]

  /// Any number works, since each socket has its own directory.
  static let socketPort = 5432

  static func listening(socket: String, port: Int, isTCP: Bool) -> [String: String] {
    [
      "listen_addresses": isTCP ? "127.0.0.1" : "",
      "port": String(port),
      "unix_socket_directories": socket,
    ]
  }

  /// A TCP port of 127.0.0.1 that was free when it was looked up.
  static func freePort() throws(LocalPostgresError) -> Int {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
      }
    }
    guard isBound else {
      throw LocalPostgresError(.commandFailed, "no free TCP port on 127.0.0.1")
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
