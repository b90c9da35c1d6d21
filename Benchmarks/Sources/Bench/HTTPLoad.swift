import Foundation

/// One connection that sends a request and reads the answer, repeatedly. The client does nothing else, so that the
/// server is measured and not the client.
final class HTTPConnection {
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else {
      close(descriptor)
      throw BenchError("nothing listens on port \(port)")
    }
    var isOn: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  /// - Returns: The length of the body in bytes.
  /// - Throws: If the status is not 200, or the answer has no length.
  @discardableResult
  func get(_ path: String, headers: String = "") throws -> Int {
    let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n".utf8)
    guard write(descriptor, request, request.count) == request.count else {
      throw BenchError("the server has closed the connection")
    }
    var head: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { throw BenchError("the server has closed the connection") }
      head += buffer[..<count]
      guard let place = head.indices.dropLast(3).first(where: { Array(head[$0..<$0 + 4]) == end })
      else { continue }
      let text = String(decoding: head[..<place], as: UTF8.self)
      guard text.hasPrefix("HTTP/1.1 200 "),
        let length = text.lowercased().firstMatch(of: #/content-length: (\d+)/#)
          .flatMap({ Int($0.1) })
      else { throw BenchError("\(path): \(text.prefix(80))") }
      var left = length - (head.count - place - 4)
      while left > 0 {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { throw BenchError("the server has closed the connection") }
        left -= count
      }
      return length
    }
  }
}

enum HTTPLoad {
  /// Requests a second, measured over a number of connections. Each connection has a thread of its own.
  static func rate(port: Int, path: String, connections: Int = 16, seconds: Double) throws -> Double
  {
    let clients = try (0..<connections).map { _ in try HTTPConnection(port: port) }
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: connections)
    counts.initialize(repeating: 0, count: connections)
    defer { counts.deallocate() }
    let start = ContinuousClock.now
    let end = start + .seconds(seconds)
    nonisolated(unsafe) let (lanes, answered) = (clients, counts)
    DispatchQueue.concurrentPerform(iterations: connections) { lane in
      while ContinuousClock.now < end, (try? lanes[lane].get(path)) != nil { answered[lane] += 1 }
    }
    let duration = (ContinuousClock.now - start) / .seconds(1)
    return Double((0..<connections).reduce(0) { $0 + counts[$1] }) / duration
  }
}
