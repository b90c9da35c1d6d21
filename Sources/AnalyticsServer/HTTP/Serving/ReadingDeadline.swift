internal import NIOCore

/// Closes the connection of a client that does not read its response.
///
/// Not thread-safe: used only on its channel's event loop.
final class ReadingDeadline: ChannelOutboundHandler, RemovableChannelHandler {
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  private let time: TimeAmount
  /// Writes that have not completed yet.
  private var waiting = 0
  private var deadline: Scheduled<Void>?
  private var progress = NIODeadline.now()

  init(within time: TimeAmount) { self.time = time }

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
      if self.waiting == 0 { self.cancel() }
    }
    context.write(data, promise: promise)
  }

  private func watch(_ context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: progress + time - .now()) {
      guard self.waiting > 0 else { return }
      if .now() - self.progress >= self.time {
        context.close(promise: nil)
      } else {
        self.watch(context)
      }
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancel() }

  private func cancel() {
    deadline?.cancel()
    deadline = nil
  }
}
