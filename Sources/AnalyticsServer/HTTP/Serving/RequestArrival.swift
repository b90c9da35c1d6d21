internal import NIOCore

/// Limits the time in which a request has to arrive, counted from its first byte. A handler behind
/// the decoder sees only complete heads, and could not time one that a client sends byte by byte.
///
/// Stands before the decoder. Not thread-safe: used only on its channel's event loop.
final class RequestArrival: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// The event that is fired inbound when a request has not arrived in time.
  struct TimedOut: Sendable {}

  /// The first line of the request that is arriving.
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
    // Empty lines between requests do not start a request.
    if bytes.readableBytesView.contains(where: { $0 != 10 && $0 != 13 }) { begin() }
    line.append(bytes.readableBytesView)
    // The last byte is passed on separately: if a request ended before it, the byte belongs to the
    // next request, which has then begun.
    if bytes.readableBytes > 1, let most = bytes.readSlice(length: bytes.readableBytes - 1) {
      let ended = ends
      context.fireChannelRead(wrapInboundOut(most))
      if ends != ended { begin() }
    }
    context.fireChannelRead(wrapInboundOut(bytes))
  }

  /// Starts the time limit for a request. ``RequestGuard`` calls it too, for a request that begins
  /// in the middle of a read.
  func begin() {
    guard deadline == nil, let context else { return }
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
      context.fireUserInboundEventTriggered(TimedOut())
    }
  }

  /// Ends the time limit: the request has arrived, or no more input is accepted.
  func end() {
    deadline?.cancel()
    deadline = nil
    line = RequestLine()
    ends += 1
  }
}
