import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where the rows of a client are to be stored, and so which of those that wait are for the same place.
struct Destination {
  /// All settings that decide where rows go, as the sink names them.
  let settings: String
  /// The installation that the settings lead to; `nil` until a connection has shown it.
  var installation: UUID?

  /// Whether the rows of a left segment are for this place.
  ///
  /// Where the segment names its installation, nothing else counts: settings change, and the same
  /// settings may come to lead elsewhere. Where it names none, its producer never reached the
  /// database, and only the very same settings are sure to lead where its would have.
  func isOf(_ header: SegmentHeader) -> Bool {
    if isOf(header.destination, header.installation) { return true }
    // The first format named neither user nor options; what it named comes first.
    return header.format == 1 && settings.begins(with: header.destination + " user=")
  }

  func isOf(_ otherSettings: String, _ otherInstallation: UUID?) -> Bool {
    otherInstallation.map { $0 == installation } ?? settings.isSame(as: otherSettings)
  }
}
