internal import NIOCore

/// Why a server does not start.
public struct ReportServerError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Code: String, Sendable {
    /// It would listen where others come, and there is no key for anybody.
    case noKeys
    /// The certificate or its key cannot be used.
    case certificate
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

  static func file(
    _ error: IOError, _ files: ReportServerConfiguration.TLSFiles
  ) -> ReportServerError {
    ReportServerError(
      code: .certificate,
      description: "cannot read \(files.certificate) or \(files.key) (errno \(error.errnoCode))")
  }
}
