package import Foundation

extension TimeZone {
  /// The name of the time zone in reports, their parameters and their URLs: its IANA name, or
  /// `UTC`.
  package var reportName: String { self == .gmt ? "UTC" : identifier }
}
