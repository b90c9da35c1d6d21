import AnalyticsText

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The place where the rows of a client are to be stored, by which waiting rows for the same place
/// are recognised.
struct Destination {
  /// All settings that decide where rows go, as the client's sink names them.
  let settings: String
  /// The installation that the settings lead to; `nil` until the sink has reached it.
  var installation: UUID?

  /// Whether the rows of an orphaned segment are for this place.
  ///
  /// If the segment names an installation, only that is compared, because settings change, and the
  /// same settings may later lead elsewhere. If it names none, its producer never reached the
  /// database. Then only identical settings are certain to lead to the same place.
  func isOf(_ header: SegmentHeader) -> Bool {
    if isOf(header.destination, header.installation) { return true }
    // Format 1 recorded the settings without user and options, which follow them as ` user=…`.
    return header.format == 1 && settings.begins(with: header.destination + " user=")
  }

  func isOf(_ otherSettings: String, _ otherInstallation: UUID?) -> Bool {
    otherInstallation.map { $0 == installation } ?? settings.isSame(as: otherSettings)
  }
}
