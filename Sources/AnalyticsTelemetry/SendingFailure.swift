internal import AnalyticsText
internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix

/// Says in words for operators why a collector did not answer. Errors of the network describe
/// themselves in terms of the program.
enum SendingFailure {
  static func text(of error: any Error) -> String {
    switch error {
    case let error as IOError: SystemReason.text(error.errnoCode)
    case let error as SocketAddressError.UnknownHost:
      "no address is known for the host \(error.host)"
    case let error as NIOConnectionError:
      (error.dnsAError ?? error.dnsAAAAError ?? error.connectionErrors.first?.error).map(text)
        ?? "there is no connection to \(error.host)"
    case let error as HTTPClientError: error.shortDescription
    default: "\(error)"
    }
  }
}
