package import Hummingbird
package import NIOCore

/// What comes with a request to a server of our own.
package struct ServerContext: RequestContext, RemoteAddressRequestContext {
  package var coreContext: CoreRequestContextStorage
  package let remoteAddress: SocketAddress?

  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    remoteAddress = source.channel.remoteAddress
  }
}

extension RequestContext {
  /// Where the request comes from.
  var address: String {
    (self as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress ?? "somewhere"
  }
}
