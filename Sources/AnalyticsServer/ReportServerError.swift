internal import AnalyticsText
internal import Foundation
internal import NIOCore

/// Why a server does not start.
public struct ReportServerError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable {
    /// It would listen where others come, and there is no key for anybody.
    case noKeys
    /// The certificate or its key cannot be used.
    case certificate
    /// It cannot listen on the address: in use, not this machine's, not this user's.
    case address
  }

  /// What kind of failure it was.
  public let code: Code
  /// One line: what, where, what to do.
  public let description: String

  static let noKeys = ReportServerError(
    code: .noKeys,
    description: "others could reach this address, and there is no key for anybody: run "
      + "`analytics keys create NAME`, or give --allow-anonymous to let everybody in")

  static func certificate(_ files: ReportServerConfiguration.TLSFiles) -> ReportServerError {
    ReportServerError(
      code: .certificate,
      description: "no certificate and key in PEM form in \(files.certificate) and \(files.key)")
  }

  /// - Parameter code: As `errno` has it.
  static func file(_ path: String, _ code: Int32) -> ReportServerError {
    ReportServerError(
      code: .certificate, description: "cannot read \(path): \(SystemReason.text(code))")
  }

  /// - Parameter code: As `errno` has it.
  static func address(_ host: String, _ port: Int, _ code: Int32) -> ReportServerError {
    let what =
      switch code {
      case EADDRINUSE: "port \(port) of \(host) is in use: give another with --port"
      case EACCES: "port \(port) of \(host) is not for this user: give one above 1023 with --port"
      case EADDRNOTAVAIL: "\(host) is no address of this machine: give one with --host"
      default:
        "cannot listen on port \(port) of \(host): \(SystemReason.text(code)); give others with "
          + "--host and --port"
      }
    return ReportServerError(code: .address, description: what)
  }

  static func unknownHost(_ host: String) -> ReportServerError {
    ReportServerError(
      code: .address,
      description:
        "no address is known for the host \"\(DisplayText.line(host))\": give one with --host")
  }
}
