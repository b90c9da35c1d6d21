internal import AnalyticsPostgres
internal import Crypto
internal import Foundation

extension PostgresEventSink {
  /// What is written into every segment has 200 bytes at most.
  private static let destinationBytesMax = 200

  /// A longer one (many hosts) ends in a hash of the whole.
  static func destination(of configuration: PostgresConfiguration, schema: String?) -> String {
    let whole = configuration.destination + (schema.map { "#\($0)" } ?? "")
    guard whole.utf8.count > destinationBytesMax else { return whole }
    let hash = "~" + SHA256.hash(data: Data(whole.utf8)).hexadecimal.prefix(32)
    var start = whole
    while start.utf8.count + hash.utf8.count > destinationBytesMax {
      start.unicodeScalars.removeLast()
    }
    return start + hash
  }
}
