internal import AnalyticsText
internal import Foundation
internal import NIOCore

/// Why a server does not start.
public struct ReportServerError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  ///
  /// Codes can be added in later versions: a `switch` over them needs a `default`.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// The code's name, as it is written in Swift.
    public let description: String

    /// It would listen where others come, and there is no key for anybody.
    public static let noKeys = Code(description: "noKeys")
    /// The certificate or its key cannot be used.
    public static let certificate = Code(description: "certificate")
    /// It cannot listen on the address: in use, not this machine's, not this user's.
    public static let address = Code(description: "address")
  }

  /// What kind of failure it was.
  public let code: Code
  /// One line: what, where, what to do.
  public let description: String

  /// The error of the system or a library that led to this one; `nil` if there was none.
  public let cause: (any Error)?

  private init(_ code: Code, _ description: String, cause: (any Error)? = nil) {
    self.code = code
    self.description = description
    self.cause = cause
  }

  static let noKeys = ReportServerError(
    .noKeys,
    "others could reach this address, and there is no key for anybody: run "
      + "`analytics keys create NAME`, or give --allow-anonymous to let everybody in")

  static func certificate(
    _ files: ReportServerConfiguration.TLSFiles, cause: (any Error)? = nil
  ) -> ReportServerError {
    ReportServerError(
      .certificate,
      "no certificate and key in PEM form in \(files.certificate) and \(files.key)", cause: cause)
  }

  /// - Parameter code: As `errno` has it.
  static func file(_ path: String, _ code: Int32) -> ReportServerError {
    ReportServerError(.certificate, "cannot read \(path): \(SystemReason.text(code))")
  }

  static func address(_ host: String, _ port: Int, _ error: IOError) -> ReportServerError {
    let what =
      switch error.errnoCode {
      case EADDRINUSE: "port \(port) of \(host) is in use: give another with --port"
      case EACCES: "port \(port) of \(host) is not for this user: give one above 1023 with --port"
      case EADDRNOTAVAIL: "\(host) is no address of this machine: give one with --host"
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
