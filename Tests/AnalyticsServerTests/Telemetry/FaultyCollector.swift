import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A proxy between a deployment and a collector, which fails as the test orders.
final class FaultyCollector: Sendable {
  /// What the proxy does with a request.
  enum Reaction: Sendable {
    /// The collector answers the request.
    case pass
    case status(UInt)
    /// The request gets no answer.
    case hang
    /// The answer stops after its head.
    case hangAfterHead
    /// The collector stores the document, and the connection is closed before the answer.
    case storeAndCut
    case cut
  }

  private struct State {
    var plan: [Reaction] = []
    var requests = 0
  }

  private let state = Mutex(State())
  private let server: ServerClient

  private init(_ server: ServerClient) { self.server = server }

  /// Runs a proxy while `body` runs. `body` receives its URL.
  static func with<Value>(
    before server: ServerClient, _ body: (FaultyCollector, String) async throws -> Value
  ) async throws -> Value {
    let collector = FaultyCollector(server)
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.pipeline.configureHTTPServerPipeline().flatMap {
          channel.pipeline.addHandler(Handler(collector))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port ?? 0
    do {
      let value = try await body(collector, "http://127.0.0.1:\(port)/telemetry")
      try await channel.close()
      return value
    } catch {
      try? await channel.close()
      throw error
    }
  }

  /// Sets the reactions to the next requests. Later requests pass.
  func plan(_ reactions: [Reaction]) { state.withLock { $0.plan = reactions } }

  var requests: Int { state.withLock { $0.requests } }

  private func next() -> Reaction {
    state.withLock { state in
      state.requests += 1
      return state.plan.isEmpty ? .pass : state.plan.removeFirst()
    }
  }

  private func stored(_ body: String, _ headers: HTTPFields) async -> UInt {
    let answer = try? await server.send(.post, "/telemetry", headers, body: body)
    return UInt(answer?.status.code ?? 503)
  }

  private final class Handler: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let collector: FaultyCollector
    private let request = Mutex<(headers: HTTPFields, body: String)>(([:], ""))

    init(_ collector: FaultyCollector) { self.collector = collector }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head):
        var headers = HTTPFields()
        for (name, value) in head.headers where name.lowercased().hasPrefix("analytics-") {
          if let name = HTTPField.Name(name) { headers[name] = value }
        }
        request.withLock { $0 = (headers, "") }
      case .body(let bytes): request.withLock { $0.body += String(buffer: bytes) }
      case .end: react(on: context.channel)
      }
    }

    private func react(on channel: any Channel) {
      let (headers, body) = request.withLock { $0 }
      let collector = collector
      switch collector.next() {
      case .hang: return
      case .hangAfterHead:
        channel.writeAndFlush(
          HTTPServerResponsePart.head(
            .init(
              version: .http1_1, status: .internalServerError, headers: ["content-length": "9"])),
          promise: nil)
      case .cut: channel.close(promise: nil)
      case .status(let code): Self.answer(code, on: channel)
      case .pass:
        Task { Self.answer(await collector.stored(body, headers), on: channel) }
      case .storeAndCut:
        Task {
          _ = await collector.stored(body, headers)
          channel.close(promise: nil)
        }
      }
    }

    private static func answer(_ code: UInt, on channel: any Channel) {
      let status = HTTPResponseStatus(statusCode: Int(code))
      channel.write(
        HTTPServerResponsePart.head(
          .init(version: .http1_1, status: status, headers: ["content-length": "0"])),
        promise: nil)
      channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
