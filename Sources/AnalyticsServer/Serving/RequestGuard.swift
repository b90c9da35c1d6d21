internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Closes connections of clients that send slowly, send too much, or do not read.
///
/// Used on its channel's event loop only.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let requestTime: TimeAmount
  private let readTime: TimeAmount
  private let bodyBytes: Int
  private var received = 0
  private var arrival: Scheduled<Void>?
  /// Writes that the client has not taken yet.
  private var waiting = 0
  private var reading: Scheduled<Void>?
  private var progress = NIODeadline.now()

  init(_ limits: ReportServerLimits) {
    requestTime = TimeAmount(limits.requestTime)
    readTime = TimeAmount(limits.readTime)
    bodyBytes = limits.bodyBytes
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      received = 0
      arrival = context.closing(in: requestTime)
    case .body(let bytes):
      received += bytes.readableBytes
      // Whoever answers a request reads its body to the end, however long.
      guard received <= bodyBytes else { return context.close(promise: nil) }
    case .end:
      arrival?.cancel()
      arrival = nil
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise()
    if waiting == 0 {
      progress = .now()
      watch(context)
    }
    waiting += 1
    promise.futureResult.assumeIsolated().whenComplete { _ in
      self.waiting -= 1
      self.progress = .now()
      if self.waiting == 0 {
        self.reading?.cancel()
        self.reading = nil
      }
    }
    context.write(data, promise: promise)
  }

  private func watch(_ context: ChannelHandlerContext) {
    let left = progress + readTime - .now()
    reading = context.eventLoop.assumeIsolated().scheduleTask(in: left) {
      guard self.waiting > 0 else { return }
      if .now() - self.progress >= self.readTime {
        context.close(promise: nil)
      } else {
        self.watch(context)
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    cancelAll()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancelAll() }

  private func cancelAll() {
    arrival?.cancel()
    reading?.cancel()
    (arrival, reading) = (nil, nil)
  }
}

extension ChannelHandlerContext {
  fileprivate func closing(in time: TimeAmount) -> Scheduled<Void> {
    eventLoop.assumeIsolated().scheduleTask(in: time) { self.close(promise: nil) }
  }
}
