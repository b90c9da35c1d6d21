package import Hummingbird
package import NIOCore

/// The request context of a standalone server.
package struct ServerContext: RequestContext, RemoteAddressRequestContext {
  package var coreContext: CoreRequestContextStorage
  package let remoteAddress: SocketAddress?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    remoteAddress = source.channel.remoteAddress
  }
}

extension RequestContext {
  /// The IP address of the peer.
  var address: String {
    (self as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress ?? "somewhere"
  }
}
