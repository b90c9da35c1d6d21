import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A client that sends exactly the bytes that it is given.
struct RawClient: Sendable {
  private let channel: any Channel
  private let received: Received

  /// Received bytes, and the continuation that waits for more.
  private final class Received: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let state = Mutex<(text: String, isOver: Bool)>(("", false))

    var text: String { state.withLock { $0.text } }
    var isOver: Bool { state.withLock { $0.isOver } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let text = String(buffer: unwrapInboundIn(data))
      state.withLock { $0.text += text }
    }

    func channelInactive(context: ChannelHandlerContext) {
      state.withLock { $0.isOver = true }
      context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }

  /// - Parameter isReading: Whether the client reads what it receives.
  static func connect(port: Int, isReading: Bool = true) async throws -> RawClient {
    let received = Received()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.minutes(10))
      .channelOption(.autoRead, value: isReading)
      .channelOption(.socketOption(.so_rcvbuf), value: 4096)
      .channelInitializer { $0.pipeline.addHandler(received) }
      .connect(host: "127.0.0.1", port: port).get()
    return RawClient(channel: channel, received: received)
  }

  /// Sends a text. If the server has closed the connection, the error is ignored: the received text shows that.
  func send(_ text: String) async throws {
    try? await channel.writeAndFlush(ByteBuffer(string: text))
  }

  /// Sends without waiting until the bytes are sent.
  func throwAt(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

  /// Sends the same text repeatedly until the connection is closed.
  func drip(_ text: String, every interval: TimeAmount) {
    let channel = channel
    let task = channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) {
      _ in channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }
    channel.closeFuture.whenComplete { _ in task.cancel() }
  }

  /// Waits until the server has closed the connection. Returns all received text.
  func ended() async throws -> String {
    try await channel.closeFuture.get()
    return received.text
  }

  /// Waits until the received text contains this text.
  func said(_ text: String) async throws {
    while !received.text.contains(text), !received.isOver {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  /// The text received so far.
  var text: String { received.text }

  /// Whether neither side has closed the connection.
  var isOpen: Bool { channel.isActive && !received.isOver }

  func close() async throws { try? await channel.close() }
}
