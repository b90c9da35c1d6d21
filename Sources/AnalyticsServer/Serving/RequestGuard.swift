internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1

/// Refuses requests that are malformed, late or too long, frames answers as whoever asked understands
/// them, and ends the connection when the last one is sent.
///
/// Used on its channel's event loop only.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// A request that was let in and is not answered whole.
  private struct Exchange {
    let version: HTTPVersion
    /// Whether the connection ends with its answer.
    var isLast: Bool
    /// Whether the client waits to be told to send the body.
    let expectsContinue: Bool
  }

  /// What is being read.
  private enum Inbound {
    case head
    /// A body of which so much has come.
    case body(Int)
    /// Nothing that still comes.
    case nothing
  }

  private let limits: ReportServerLimits
  private let arrival: RequestArrival
  /// Those that all answers have.
  private let fields: HTTPFields
  private var inbound = Inbound.head
  /// The oldest first; the newest is the one whose body may still be coming.
  private var exchanges = CircularBuffer<Exchange>(initialCapacity: 1)
  /// Whether no request comes after the newest one.
  private var isLast = false
  /// What is answered in place of a next request.
  private var refusal: Problem?
  /// Set when all is sent: the client has this long to read it.
  private var lingering: Scheduled<Void>?

  /// How long a client has to read the last answer. If the connection were closed while more comes, it
  /// would be reset, and what the client has not read yet would be lost.
  static let lingerTime: TimeAmount = .seconds(2)

  /// - Parameters:
  ///   - arrival: Stands before the decoder.
  ///   - fields: The headers that all answers have.
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
        try head.bringIntoForm()
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
    // The door refuses it by its length; nobody waits for the body.
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

  /// Tells the client that waits for it to send the body, when the answers before are sent.
  private func askForBody(_ context: ChannelHandlerContext) {
    guard exchanges.first?.expectsContinue == true, case .body(0) = inbound else { return }
    let head = HTTPResponseHead(version: .http1_1, status: .continue)
    context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
  }

  /// Answers a problem in place of a request that was not let in.
  private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
    inbound = .nothing
    arrival.end()
    refusal = problem
    if exchanges.isEmpty { answerRefusal(context) }
  }

  /// Ends the body of a request that was let in: whoever reads it answers the problem.
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
    guard event is RequestArrival.Late else {
      return context.fireUserInboundEventTriggered(event)
    }
    stop(Problem(.requestTimeout, "the request did not come whole in time"), context)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Whoever reads no more requests asks for no more bytes.
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

  /// Says where the answer ends, and whether the connection does: as whoever asked understands it.
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

  // MARK: - The end

  /// Sends nothing more, and throws away what comes until the client ends its side.
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
