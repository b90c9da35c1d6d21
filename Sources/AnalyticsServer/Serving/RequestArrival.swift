internal import NIOCore

/// Gives a request its time from its first byte on: what sees whole heads only waits as long as somebody
/// drips one.
///
/// Stands before the decoder, on its channel's event loop only.
final class RequestArrival: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// Sent along when the time is over.
  struct Late: Sendable {}

  /// The first line of what comes.
  private(set) var line = RequestLine()
  private let time: TimeAmount
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?
  private var ends = 0

  init(within time: TimeAmount) { self.time = time }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    // Empty lines between requests are none.
    if bytes.readableBytesView.contains(where: { $0 != 10 && $0 != 13 }) { begin() }
    line.append(bytes.readableBytesView)
    // The last byte goes by itself: what ended before it has a successor that has begun.
    if bytes.readableBytes > 1, let most = bytes.readSlice(length: bytes.readableBytes - 1) {
      let ended = ends
      context.fireChannelRead(wrapInboundOut(most))
      if ends != ended { begin() }
    }
    context.fireChannelRead(wrapInboundOut(bytes))
  }

  /// A request is coming; also said of one that began in the middle of what was read.
  func begin() {
    guard deadline == nil, let context else { return }
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
      context.fireUserInboundEventTriggered(Late())
    }
  }

  /// It has come, or nothing more is taken.
  func end() {
    deadline?.cancel()
    deadline = nil
    line = RequestLine()
    ends += 1
  }
}
