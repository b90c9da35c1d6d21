internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// The channel pipeline of a connection: Hummingbird's own, with a ``RequestGuard`` at the point
/// where requests are still as the client sent them.
struct ServerChannel: HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  let responder: Responder
  let limits: ReportServerLimits
  let isTLS: Bool

  /// The largest number of headers in a request.
  private static let headersMax = 100

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      let time = TimeAmount(limits.requestTimeout)
      if isTLS { try pipeline.addHandler(HandshakeDeadline(within: time)) }
      let arrival = RequestArrival(within: time)
      try pipeline.addHandlers([
        ReadingDeadline(within: TimeAmount(limits.writeStallTimeout)), arrival,
      ])
      var decoder = NIOHTTPDecoderLimitConfiguration()
      decoder.maxHeaderFieldSize = limits.headerBytes
      decoder.maxHeaderListSize = limits.headerBytes
      decoder.maxHeaderFieldCount = Self.headersMax
      // RequestGuard frames responses: it knows the HTTP version of the request.
      var encoder = HTTPResponseEncoder.Configuration()
      encoder.automaticallySetFramingHeaders = false
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false,
        withOutboundHeaderValidation: false, withEncoderConfiguration: encoder,
        withDecoderLimitConfiguration: decoder)
      try pipeline.addHandlers([
        RequestGuard(limits, arrival, fields: RequestPolicy.fields(isTLS: isTLS)),
        HTTP1ToHTTPServerCodec(secure: isTLS),
        HTTPConnectionStateHandler(idleTimeout: limits.idleTimeout, logger: logger),
      ])
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel,
        configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
