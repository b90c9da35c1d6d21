import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation

@testable import Analytics

func segmentFiles(in directory: String) -> [String] {
  contents(of: directory).filter { $0.hasSuffix(".segment") }.map { directory + "/" + $0 }
}

extension AnalyticsConfiguration {
  /// Small segments in a directory.
  static func durable(
    in directory: String, limitBytes: Int = 16 << 20, segmentBytes: Int = 64 << 10
  ) -> AnalyticsConfiguration {
    var configuration = AnalyticsConfiguration(
      service: "test", buffer: .durable(directory: directory, limitBytes: limitBytes))
    configuration.segmentBytes = segmentBytes
    configuration.batchSize = 1
    configuration.hostname = "host"
    return configuration
  }
}

/// What is needed to look at a spool as a process that died would have left it.
enum DeadProcess {
  /// Tracks in a directory beside, and copies what is there as the spool of a process that is gone.
  ///
  /// - Returns: the ids of the rows, in order.
  @discardableResult
  static func leave(
    in spool: String, destination: String = "memory", segmentBytes: Int = 64 << 10,
    synced: Bool = false, _ track: (AnalyticsClient) throws -> Void
  ) async throws -> [UUID] {
    try await withTemporaryDirectory { directory in
      let client = try AnalyticsClient(
        .durable(in: directory, segmentBytes: segmentBytes),
        sink: UnusedSink(destination: destination)
      )
      try track(client)
      if synced { try client.core?.buffer.syncAndUnmap() }
      // The client still holds the lock of the original; the copy belongs to nobody.
      for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        try FileManager.default.createDirectory(
          atPath: spool, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: directory + "/" + name, toPath: spool + "/" + name)
      }
      return try client.waitingRows().map(\.id)
    }
  }
}

/// A number that a test can find again.
struct Numbered: TrackableEvent {
  static let eventType: StaticString = "numbered"
  var number: Int
  var padding = ""

  func encode(to fields: inout EventFields) {
    fields.add("number", number)
    fields.add("padding", padding)
  }
}

extension StoredEvent {
  /// The number of a ``Numbered``.
  var number: Int? {
    let object = try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
    return object?["number"] as? Int
  }
}
