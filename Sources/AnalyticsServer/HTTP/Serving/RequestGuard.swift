internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

/// Refuses requests that are malformed, late or too long, frames responses for the client's HTTP
/// version, and closes the connection after the last response.
///
/// Not thread-safe: used only on its channel's event loop.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// A request that was passed on and whose response is not complete.
  private struct Exchange {
    let version: HTTPVersion
    /// Whether the connection closes after its response.
    var isLast: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
  }

  /// The part of a request that is read next.
  private enum Inbound {
    case head
    /// A body, with the number of bytes that have arrived.
    case body(Int)
    /// None: all further input is discarded.
    case nothing
  }

  private let limits: ReportServerLimits
  private let arrival: RequestArrival
  /// The headers of every response.
  private let fields: HTTPFields
  private var inbound = Inbound.head
  /// The oldest first. Only the body of the newest may still be arriving.
  private var exchanges = CircularBuffer<Exchange>(initialCapacity: 1)
  /// Whether no request is accepted after the newest one.
  private var isLast = false
  /// The problem to send after the responses of all exchanges, for a request that was not passed
  /// on.
  private var refusal: Problem?
  /// Closes the connection after ``lingerTime``; set once the last response is sent.
  private var lingering: Scheduled<Void>?

  /// How long a client has to read the last response. Closing the connection while input still
  /// arrives would reset it, and the client would lose what it has not read yet.
  static let lingerTime: TimeAmount = .seconds(2)

  /// - Parameters:
  ///   - arrival: The handler before the decoder.
  ///   - fields: The headers of every response.
  init(_ limits: ReportServerLimits, _ arrival: RequestArrival, fields: HTTPFields) {
    self.limits = limits
    self.arrival = arrival
    self.fields = fields
  }

  // MARK: - Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (inbound, unwrapInboundIn(data)) {
    case (.nothing, _): break
    case (_, .head(var head)):
      arrival.begin()
      do throws(Problem) {
        try head.normalize()
        admit(head, context)
      } catch {
        refuse(error, context)
      }
    case (.body(let count), .body(let bytes)):
      guard count + bytes.readableBytes <= limits.bodyBytes else {
        return fail(.tooLong(limits.bodyBytes), context)
      }
      inbound = .body(count + bytes.readableBytes)
      context.fireChannelRead(data)
    case (_, .body): break
    case (_, .end):
      arrival.end()
      inbound = isLast ? .nothing : .head
      context.fireChannelRead(data)
    }
  }

  private func admit(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    // The request policy refuses it by its Content-Length, so nothing waits for the body.
    let isTooLong = (head.bodyLength ?? 0) > limits.bodyBytes
    isLast = head.isLast || isTooLong
    inbound = isTooLong ? .nothing : .body(0)
    if isTooLong { arrival.end() }
    exchanges.append(
      Exchange(
        version: head.version, isLast: isLast,
        expectsContinue: head.expectsContinue && !isTooLong))
    if exchanges.count == 1 { askForBody(context) }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  /// Sends `100 Continue` to a client that waits for it, once all earlier responses are sent.
  private func askForBody(_ context: ChannelHandlerContext) {
    guard exchanges.first?.expectsContinue == true, case .body(0) = inbound else { return }
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  /// Answers with a problem in place of passing a request on, and accepts no further input.
  private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
    inbound = .nothing
    arrival.end()
    refusal = problem
    if exchanges.isEmpty { answerRefusal(context) }
  }

  /// Ends the incomplete body of a request that was passed on. The handler that reads the body gets
  /// the problem as its error, and answers with it.
  private func fail(_ problem: Problem, _ context: ChannelHandlerContext) {
    inbound = .nothing
    arrival.end()
    guard !exchanges.isEmpty else { return linger(context) }
    exchanges[exchanges.index(before: exchanges.endIndex)].isLast = true
    context.fireErrorCaught(problem)
  }

  private func stop(_ problem: Problem, _ context: ChannelHandlerContext) {
    switch inbound {
    case .head: refuse(problem, context)
    case .body: fail(problem, context)
    case .nothing: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch (inbound, error) {
    case (.nothing, _): break
    case (_, let error as HTTPParserError):
      stop(arrival.line.problem(error, headerBytes: limits.headerBytes), context)
    default: context.fireErrorCaught(error)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is RequestArrival.TimedOut else {
      return context.fireUserInboundEventTriggered(event)
    }
    stop(Problem(.requestTimeout, "the request did not arrive in time"), context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Hummingbird reads no more requests, so this handler asks for the input that it discards.
    if lingering != nil { context.read() }
  }

  // MARK: - Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where head.status.code >= 200 && !exchanges.isEmpty:
      frame(&head)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .end where !exchanges.isEmpty:
      let promise = promise ?? context.eventLoop.makePromise()
      context.write(data, promise: promise)
      finish(exchanges.removeFirst(), promise.futureResult, context)
    default: context.write(data, promise: promise)
    }
  }

  /// Sets the headers that mark the end of the response and say whether the connection stays open,
  /// for the client's HTTP version.
  private func frame(_ head: inout HTTPResponseHead) {
    head.headers.remove(name: "transfer-encoding")
    if !head.status.mayHaveResponseBody {
      head.headers.remove(name: "content-length")
    } else if !head.headers.contains(name: "content-length") {
      if exchanges[exchanges.startIndex].version == .http1_1 {
        head.headers.add(name: "transfer-encoding", value: "chunked")
      } else {
        exchanges[exchanges.startIndex].isLast = true
      }
    }
    if exchanges[exchanges.startIndex].isLast {
      head.headers.replaceOrAdd(name: "connection", value: "close")
    } else if exchanges[exchanges.startIndex].version != .http1_1 {
      head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
    }
  }

  private func finish(
    _ exchange: Exchange, _ sent: EventLoopFuture<Void>, _ context: ChannelHandlerContext
  ) {
    if exchange.isLast {
      inbound = .nothing
      sent.assumeIsolated().whenComplete { _ in self.linger(context) }
    } else if exchanges.isEmpty, refusal != nil {
      answerRefusal(context)
    } else {
      askForBody(context)
    }
  }

  private func answerRefusal(_ context: ChannelHandlerContext) {
    guard let problem = refusal.take() else { return }
    let answer = problem.answer(id: RequestID().description)
    var fields = fields
    for field in answer.headers { fields[field.name] = field.value }
    guard case .bytes(let body) = answer.body else { return }
    fields[.contentType] = body.type
    fields[.contentLength] = String(body.plain.readableBytes)
    fields[.connection] = "close"
    let head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: answer.status.code),
      headers: HTTPHeaders(fields.map { ($0.name.rawName, $0.value) }))
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body.plain))), promise: nil)
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in self.linger(context) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
  }

  // MARK: - Closing

  /// Closes the output, and discards input until the client closes its side or ``lingerTime`` has
  /// passed.
  private func linger(_ context: ChannelHandlerContext) {
    guard lingering == nil else { return }
    inbound = .nothing
    arrival.end()
    lingering = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) {
      context.close(promise: nil)
    }
    context.close(mode: .output, promise: nil)
    context.read()
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard lingering != nil else { return context.close(mode: mode, promise: promise) }
    promise.map { context.channel.closeFuture.cascade(to: $0) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    lingering?.cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { lingering?.cancel() }
}
