internal import AnalyticsText
internal import Foundation
internal import NIOCore

/// The reason why a server does not start.
public struct ReportServerError: Error, Sendable, CustomStringConvertible {
  /// The kind of a failure.
  ///
  /// Codes can be added in later versions: a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as written in Swift.
    public let description: String

    /// A value of the configuration is outside its range.
    public static let configuration = Code(description: "configuration")
    /// Other machines could reach the server, and no key exists.
    public static let noKeys = Code(description: "noKeys")
    /// The certificate or its private key cannot be used.
    public static let certificate = Code(description: "certificate")
    /// The server cannot listen on the address: it is in use, does not belong to this machine, or
    /// needs more privileges.
    public static let address = Code(description: "address")
  }

  /// The kind of the failure.
  public let code: Code
  /// One line that says what failed, where, and what to do.
  public let description: String

  /// The error of the system or a library that caused this one; `nil` if there was none.
  public let cause: (any Error)?

  private init(_ code: Code, _ description: String, cause: (any Error)? = nil) {
    self.code = code
    self.description = description
    self.cause = cause
  }

  /// - Parameter problem: One line that names the property, its value and its range.
  static func configuration(_ problem: String) -> ReportServerError {
    ReportServerError(.configuration, problem)
  }

  static let noKeys = ReportServerError(
    .noKeys,
    "other machines could reach this address, and there is no key: run "
      + "`analytics keys create NAME`, or give --allow-anonymous to require no key")

  static func certificate(
    _ files: ReportServerConfiguration.TLSFiles, cause: (any Error)? = nil
  ) -> ReportServerError {
    ReportServerError(
      .certificate,
      "no certificate and key in PEM form in \(files.certificate) and \(files.key)", cause: cause)
  }

  /// - Parameter code: A value of `errno`.
  static func file(_ path: String, _ code: Int32) -> ReportServerError {
    ReportServerError(.certificate, "cannot read \(path): \(SystemReason.text(code))")
  }

  static func address(_ host: String, _ port: Int, _ error: IOError) -> ReportServerError {
    let what =
      switch error.errnoCode {
      case EADDRINUSE: "port \(port) of \(host) is in use: give another with --port"
      case EACCES:
        "port \(port) of \(host) is not permitted for this user: give one above 1023 with --port"
      case EADDRNOTAVAIL: "\(host) is not an address of this machine: give one with --host"
      default:
        "cannot listen on port \(port) of \(host): \(SystemReason.text(error.errnoCode)); give "
          + "others with --host and --port"
      }
    return ReportServerError(.address, what, cause: error)
  }

  static func unknownHost(
    _ host: String, _ error: SocketAddressError.UnknownHost
  ) -> ReportServerError {
    ReportServerError(
      .address,
      "no address is known for the host \"\(DisplayText.line(host))\": give one with --host",
      cause: error)
  }
}
