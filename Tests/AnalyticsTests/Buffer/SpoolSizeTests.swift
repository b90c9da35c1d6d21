import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The disk space of a spool", .timeLimit(.minutes(60)))
struct SpoolSizeTests {
  private static let segmentBytes = 64 << 10

  private func bytes(_ directory: String) -> Int {
    contents(of: directory).reduce(0) { sum, name in
      var status = stat()
      guard stat(directory + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return sum
      }
      return sum + Int(status.st_blocks) * 512
    }
  }

  /// Whether the file system of a directory can free a part of a file.
  private func punchesHoles(_ directory: String) throws -> Bool {
    let file = try OpenFile(directory + "/probe", create: true)
    defer { Directory.removeFile(directory + "/probe") }
    try file.reserve(64 << 10)
    try MappedMemory(sharing: file, bytes: 64 << 10).freeBlocks(0..<64 << 10)
    return Directory.bytesOnDisk(directory + "/probe") == 0
  }

  @Test("after programs that tracked a few events and ended is little more than the events")
  func briefPrograms() async throws {
    try await withTemporaryDirectory { directory in
      guard try punchesHoles(directory) else { return }
      for _ in 0..<20 {
        let subject = try ChildProcess(
          product("AnalyticsCrashSubject").path, ["brief", directory, "50"])
        #expect(await subject.ended() == .exited(0))
      }
      // The limit allows a header page, some pages of rows and one page of checksums for each segment. A whole segment
      // would be 4 MiB.
      #expect(bytes(directory) < 20 * 64 << 10)
      let client = try AnalyticsClient(.durable(in: directory), sink: InMemorySink())
      try await withWorker(client) { try await client.finishSpool(timeout: .seconds(300)) }
      #expect(client.accounting.stored == 20 * 50)
      #expect(client.accounting.dropped.isEmpty)
    }
  }

  @Test("after crashes is little more than their events, once another process has adopted them")
  func crashes() async throws {
    try await withTemporaryDirectory { directory in
      guard try punchesHoles(directory) else { return }
      for _ in 0..<10 {
        try await DeadProcess.leave(in: directory, segmentBytes: 1 << 20) { client in
          client.track(Numbered(number: 1))
          try client.core?.buffer.prepareSegments()
        }
      }
      let before = bytes(directory)
      #expect(before >= 10 * 3 << 20)
      let sink = GatedSink()
      let client = try AnalyticsClient(.durable(in: directory), sink: sink)
      let buffer = try #require(client.core?.buffer)
      buffer.identify(nil)
      #expect(try buffer.adopt().rows == 10)
      #expect(bytes(directory) < 10 * 64 << 10)
      #expect(Set(try buffer.drainAll()).count == 10)
    }
  }

  @Test(
    "keeps its limit over all processes, the dead ones and those of other destinations included")
  func limit() async throws {
    try await withTemporaryDirectory { directory in
      let padding = String(repeating: "p", count: 900)
      for destination in ["memory", "elsewhere"] {
        try await DeadProcess.leave(in: directory, destination: destination) { client in
          for number in 0..<300 { client.track(Numbered(number: number, padding: padding)) }
        }
      }
      let taken = bytes(directory)
      #expect(taken > 8 * Self.segmentBytes)
      let limit = taken + 2 * Self.segmentBytes
      let sink = InMemorySink()
      let client = try AnalyticsClient(.durable(in: directory, limitBytes: limit), sink: sink)
      var tracked = 0
      while client.track(Numbered(number: tracked, padding: padding)) == nil { tracked += 1 }
      #expect(client.accounting.dropped == [.full: 1])
      #expect((1..<200).contains(tracked))
      #expect(bytes(directory) <= limit)
      // Stored events free space for new ones.
      try await withWorker(client) {
        try await client.finishSpool(timeout: .seconds(300))
        try await until { client.track(Numbered(number: -1, padding: padding)) == nil }
        for number in 0..<300 { client.track(Numbered(number: number, padding: padding)) }
      }
      #expect(bytes(directory) <= limit)
      #expect(client.accounting.recovered == 300 && client.accounting.isBalanced)
      #expect(client.accounting.stored > 300 + tracked)
    }
  }

  @Test("is reduced by the unused space of dead processes if running ones need it")
  func tidied() async throws {
    try await withTemporaryDirectory { directory in
      for _ in 0..<4 {
        try await DeadProcess.leave(in: directory, destination: "elsewhere") { client in
          try client.core?.buffer.prepareSegments()
        }
      }
      let limit = bytes(directory)
      #expect(limit > 8 * Self.segmentBytes)
      let client = try AnalyticsClient(
        .durable(in: directory, limitBytes: limit), sink: UnusedSink())
      #expect(client.track(Numbered(number: 1)) == nil)
      #expect(bytes(directory) < limit)
    }
  }
}
