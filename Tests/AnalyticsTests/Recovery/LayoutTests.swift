import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

/// Segments written by earlier versions. An upgrade that cannot read them would lose events.
@Suite("A segment of an older version")
struct LayoutTests {
  @Test("with format 1 and row layout 1 is stored correctly")
  func layout1() async throws {
    try await withTemporaryDirectory { directory in
      let producer = directory + "/7b3f9c52-6f0e-4d2a-9d53-0d7f8a1c2b3e"
      try FileManager.default.createDirectory(atPath: producer, withIntermediateDirectories: true)
      try SpoolFile.write([], to: producer + "/lock")
      try SpoolFile.write(Self.segment1, to: producer + "/00000001.segment")

      let report = try SpoolReport(directory: directory)
      #expect(report.producers.flatMap(\.pending).map(\.events) == [3])
      #expect(report.producers.flatMap(\.unreadable).isEmpty)

      let sink = InMemorySink()
      do {
        var configuration = AnalyticsConfiguration.durable(in: directory)
        // One of the events has the earliest possible time.
        configuration.acceptsFrom = EventTimestamp.supportedRange.lowerBound
        let client = try AnalyticsClient(configuration, sink: sink)
        try await withWorker(client) {}
        #expect(client.accounting.recovered == 3 && client.accounting.stored == 3)
      }
      #expect(await leftovers(of: directory) == [])
      let stored = sink.events.map { event in
        [
          event.id.uuidString, "\(event.timestamp)", event.type, event.service,
          event.userID?.uuidString, event.hostname, event.environment, event.data,
        ]
      }
      let (id, user) = (
        "019AA5A2-0001-7000-8000-00000000000", "3F2504E0-4F89-41D3-9A0C-0305E82C3301"
      )
      let time = "2026-11-21T08:09:10.123456Z"
      #expect(
        stored == [
          [
            id + "1", time, "task_started", "platform", user, "web-1", "production",
            #"{"task_id":"3f2504e0-4f89-41d3-9a0c-0305e82c3301"}"#,
          ],
          [
            id + "2", time, "naïve \"type\"", "own", nil, nil, nil, #"{"日本":["🧪","\"",null,-1.5]}"#,
          ],
          [id + "3", "0001-01-01T00:00:00.000000Z", "empty", "platform", nil, nil, nil, "{}"],
        ])
    }
  }

  @Test(
    "with format 2, with its installation and a row in two pages, is stored correctly")
  func format2() async throws {
    try await withTemporaryDirectory { directory in
      let producer = directory + "/7b3f9c52-6f0e-4d2a-9d53-0d7f8a1c2b3e"
      try FileManager.default.createDirectory(atPath: producer, withIntermediateDirectories: true)
      try SpoolFile.write([], to: producer + "/lock")
      try SpoolFile.write(Self.segment2, to: producer + "/00000001.segment")

      let waiting = try SpoolReport(directory: directory).producers.flatMap(\.pending)
      let installation = UUID(uuidString: "0b5e4f7c-1111-4222-8333-944455556666")
      #expect(waiting.map(\.installation) == [installation] && waiting.map(\.events) == [3])
      #expect(waiting.map(\.destination) == ["somewhere user=old"])

      let client = try AnalyticsClient(.durable(in: directory), sink: UnusedSink())
      let buffer = try #require(client.core?.buffer)
      #expect(try buffer.adopt().rows == 0)
      buffer.identify(installation)
      #expect(try buffer.adopt().rows == 3)
      let batch = try #require(try buffer.nextBatch(rowsMax: 10, bytesMax: .max))
      var stored: [StoredEvent] = []
      batch.forEachRow { stored.append(StoredEvent($0)) }
      #expect(stored.map(\.type) == ["task_started", "long", "empty"])
      #expect(stored[1].data == #"{"p":""# + String(repeating: "p", count: 4000) + #""}"#)
      #expect(stored.map(\.service) == ["platform", "own", "platform"])
      buffer.release(batch)
    }
  }

  /// The bytes that are not zero. They were written by version 1 of the format, before the machine's last start.
  private static let segment1 = bytes(
    64 << 10,
    [
      (
        0,
        """
        555341474553454701000000010000005d910c92a79f43338874577e67236744a231dcf26bd44e478671e713
        6d2e385600f0000000000000010000000000000006006d656d6f7279
        """
      ),
      (
        320,
        """
        8474a30973949a19
        """
      ),
      (
        512,
        """
        5701
        """
      ),
      (
        1536,
        """
        5701000000000000c37bf8b43e6138a4
        """
      ),
      (
        4097,
        """
        0800000010019aa5a200017000800000000000000100000008000303c3a4e537c00000000c7461736b5f7374
        617274656400000008706c6174666f726d000000103f2504e04f8941d39a0c0305e82c330100000005776562
        2d310000000a70726f64756374696f6e00000033017b227461736b5f6964223a2233663235303465302d3466
        38392d343164332d396130632d303330356538326333333031227d000800000010019aa5a200017000800000
        000000000200000008000303c3a4e537c00000000d6e61c3af766520227479706522000000036f776effffff
        ffffffffffffffffff00000023017b22e697a5e69cac223a5b22f09fa7aa222c225c22222c6e756c6c2c2d31
        2e355d7d000800000010019aa5a200017000800000000000000300000008ff1fe2ffc59c600000000005656d
        70747900000008706c6174666f726dffffffffffffffffffffffff00000003017b7d
        """
      ),
    ])

  /// The bytes that are not zero, and those between the fifth part and the sixth. They were written by format 2, before
  /// the machine's last start.
  private static let segment2 = bytes(
    64 << 10, fill: 4343..<8343,
    [
      (
        0,
        """
        555341474553454702000000010000007b3f9c526f0e4d2a9d530d7f8a1c2b3e5d910c92a79f43338874577e
        6723674400f000000000000003000000000000001200736f6d65776865726520757365723d6f6c64
        """
      ),
      (
        320,
        """
        26558aef7d8f7a0a
        """
      ),
      (
        512,
        """
        f210
        """
      ),
      (
        1536,
        """
        0b5e4f7c11114222833394445555666674b24b531100f4e4
        """
      ),
      (
        4097,
        """
        0800000010019aa5a200017000800000000000000100000008000303c3a4e537c00000000c7461736b5f7374
        617274656400000008706c6174666f726d000000103f2504e04f8941d39a0c0305e82c330100000005776562
        2d310000000a70726f64756374696f6e00000033017b227461736b5f6964223a2233663235303465302d3466
        38392d343164332d396130632d303330356538326333333031227d000800000010019aa5a200017000800000
        000000000200000008000303c3a4e537c0000000046c6f6e67000000036f776effffffff000000057765622d
        310000000a70726f64756374696f6e00000fa9017b2270223a22
        """
      ),
      (
        8343,
        """
        227d000800000010019aa5a200017000800000000000000300000008ff1fe2ffc59c600000000005656d7074
        7900000008706c6174666f726dffffffff000000057765622d310000000a70726f64756374696f6e00000003
        017b7d
        """
      ),
      (
        65512,
        """
        99100000b15e1edca0000000d8317fec00000000b09c0611
        """
      ),
    ])

  /// - Parameter fill: The range that is filled with the letter p.
  private static func bytes(
    _ count: Int, fill: Range<Int> = 0..<0, _ parts: [(offset: Int, hex: String)]
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    for place in fill { bytes[place] = UInt8(ascii: "p") }
    for (offset, hex) in parts {
      var digits = hex.filter { $0 != "\n" }[...]
      var place = offset
      while let byte = UInt8(digits.prefix(2), radix: 16) {
        bytes[place] = byte
        place += 1
        digits = digits.dropFirst(2)
      }
    }
    return bytes
  }
}
