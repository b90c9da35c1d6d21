import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("What a spool takes of the disk", .timeLimit(.minutes(60)))
struct SpoolSizeTests {
  private static let segmentBytes = 64 << 10

  private func bytes(_ folder: String) -> Int {
    contents(of: folder).reduce(0) { sum, name in
      var status = stat()
      guard stat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return sum
      }
      return sum + Int(status.st_blocks) * 512
    }
  }

  /// Whether the file system of a folder can give back a part of a file.
  private func punchesHoles(_ folder: String) throws -> Bool {
    let file = try OpenFile(folder + "/probe", create: true)
    defer { Folder.removeFile(folder + "/probe") }
    try file.reserve(64 << 10)
    try MappedMemory(sharing: file, bytes: 64 << 10).giveBack(0..<64 << 10)
    return Folder.bytesOnDisk(folder + "/probe") == 0
  }

  @Test("after programs that each tracked a few events and ended is little more than the events")
  func briefPrograms() async throws {
    try await withTemporaryFolder { folder in
      guard try punchesHoles(folder) else { return }
      for _ in 0..<20 {
        let subject = try ChildProcess(
          product("AnalyticsCrashSubject").path, ["brief", folder, "50"])
        #expect(await subject.ended() == .exited(0))
      }
      // A header page, some pages of rows and one of checksums, where a segment has 4 MiB.
      #expect(bytes(folder) < 20 * 64 << 10)
      let client = try AnalyticsClient(.durable(in: folder), sink: InMemorySink())
      try await withWorker(client) { try await client.finishSpool(timeout: .seconds(300)) }
      #expect(client.accounting.stored == 20 * 50)
      #expect(client.accounting.dropped.isEmpty)
    }
  }

  @Test("after crashes is little more than their events, once somebody has taken them over")
  func crashes() async throws {
    try await withTemporaryFolder { folder in
      guard try punchesHoles(folder) else { return }
      for _ in 0..<10 {
        try await DeadProcess.leave(in: folder, segmentBytes: 1 << 20) { client in
          client.track(Numbered(number: 1))
          try client.core?.buffer.upkeep()
        }
      }
      let before = bytes(folder)
      #expect(before >= 10 * 3 << 20)
      let sink = GatedSink()
      let client = try AnalyticsClient(.durable(in: folder), sink: sink)
      let buffer = try #require(client.core?.buffer)
      buffer.identify(nil)
      #expect(try buffer.adopt().rows == 10)
      #expect(bytes(folder) < 10 * 64 << 10)
      #expect(Set(try buffer.drainAll()).count == 10)
    }
  }

  @Test(
    "keeps its limit over all processes, the dead ones and those of other destinations included")
  func limit() async throws {
    try await withTemporaryFolder { folder in
      let padding = String(repeating: "p", count: 900)
      for destination in ["memory", "elsewhere"] {
        try await DeadProcess.leave(in: folder, destination: destination) { client in
          for number in 0..<300 { client.track(Numbered(number: number, padding: padding)) }
        }
      }
      let taken = bytes(folder)
      #expect(taken > 8 * Self.segmentBytes)
      let limit = taken + 2 * Self.segmentBytes
      let sink = InMemorySink()
      let client = try AnalyticsClient(.durable(in: folder, limitBytes: limit), sink: sink)
      var tracked = 0
      while client.track(Numbered(number: tracked, padding: padding)) == nil { tracked += 1 }
      #expect(client.accounting.dropped == [.full: 1])
      #expect((1..<200).contains(tracked))
      #expect(bytes(folder) <= limit)
      // What is stored makes room for what comes.
      try await withWorker(client) {
        try await client.finishSpool(timeout: .seconds(300))
        try await until { client.track(Numbered(number: -1, padding: padding)) == nil }
        for number in 0..<300 { client.track(Numbered(number: number, padding: padding)) }
      }
      #expect(bytes(folder) <= limit)
      #expect(client.accounting.recovered == 300 && client.accounting.isBalanced)
      #expect(client.accounting.stored > 300 + tracked)
    }
  }

  @Test("is cleared of what the dead never used, where that leaves no room for the living")
  func tidied() async throws {
    try await withTemporaryFolder { folder in
      for _ in 0..<4 {
        try await DeadProcess.leave(in: folder, destination: "elsewhere") { client in
          try client.core?.buffer.upkeep()
        }
      }
      let limit = bytes(folder)
      #expect(limit > 8 * Self.segmentBytes)
      let client = try AnalyticsClient(.durable(in: folder, limitBytes: limit), sink: UnusedSink())
      #expect(client.track(Numbered(number: 1)) == nil)
      #expect(bytes(folder) < limit)
    }
  }
}
