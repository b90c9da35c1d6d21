import Analytics
import ArgumentParser

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The option for how much of the personal data in events is stored.
struct PrivacyOptions: ParsableArguments {
  @Option(
    name: .customLong("privacy"),
    help: "How much personal data of events is stored: full, standard or strict.",
    transform: Self.preset)
  var preset = PrivacyPreset.standard

  private static func preset(_ name: String) throws -> PrivacyPreset {
    guard let preset = PrivacyPreset(rawValue: name) else {
      throw ValidationError("--privacy is full, standard or strict")
    }
    return preset
  }

  /// The key that the services use. With another key, the same person would get another ID here.
  static func key() throws -> PrivacyKey? {
    guard let text = ProcessInfo.processInfo.environment["ANALYTICS_PRIVACY_KEY"], !text.isEmpty
    else { return nil }
    guard let bytes = Data(base64Encoded: text) else {
      throw CommandError("ANALYTICS_PRIVACY_KEY is not Base64; set it as for the services")
    }
    return try PrivacyKey(bytes: bytes)
  }
}
