import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation

@testable import Analytics

func segmentFiles(in directory: String) -> [String] {
  contents(of: directory).filter { $0.hasSuffix(".segment") }.map { directory + "/" + $0 }
}

extension AnalyticsConfiguration {
  /// A durable buffer with small segments in a directory.
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

/// Makes the spool that a dead process leaves.
enum DeadProcess {
  /// Tracks in another directory, and copies the files as the spool of a process that is dead.
  ///
  /// - Returns: The ids of the rows, in order.
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
      // The client still holds the lock of the original. The copy has no owner.
      for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
        try FileManager.default.createDirectory(
          atPath: spool, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: directory + "/" + name, toPath: spool + "/" + name)
      }
      return try client.waitingRows().map(\.id)
    }
  }
}

/// An event with a number that tests can recognize.
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
  /// The number of a ``Numbered`` event.
  var number: Int? {
    let object = try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
    return object?["number"] as? Int
  }
}
