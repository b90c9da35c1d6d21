import AnalyticsTestSupport
import Foundation
import Testing

@Suite("House rules for files")
struct FileRuleTests {
  private static let linesMax = 400

  @Test("the rules find their files")
  func findsFiles() {
    #expect(Repository.swiftFiles(in: ["Sources"]).count > 20)
    #expect(Repository.swiftFiles(in: ["Tests"]).contains { $0.name == "FileRuleTests.swift" })
  }

  @Test("no file is longer than 400 lines")
  func shortFiles() {
    for file in Repository.swiftFiles() {
      // The last line ends the file, so an empty piece follows it.
      #expect(file.lines.count - 1 <= Self.linesMax, "\(file.path)")
    }
  }

  @Test("files are named for their contents")
  func fileNames() throws {
    let vague = try Regex("(Util|Utils|Utilities|Helper|Helpers|Manager|Common|Misc)(\\.|\\+|$)")
    for file in Repository.swiftFiles() {
      #expect(file.name.firstMatch(of: vague) == nil, "\(file.path)")
    }
  }

  @Test("comments contain no open tasks")
  func nothingLeftForLater() {
    // Written apart, or this file would break its own rule.
    let marks = ["TO" + "DO", "FIX" + "ME"]
    for file in Repository.swiftFiles() {
      for (number, line) in file.lines.enumerated() {
        #expect(!marks.contains { line.contains($0) }, "\(file.path):\(number + 1)")
      }
    }
  }

  @Test("no test sleeps")
  func noSleeps() throws {
    // A clock of a test's own may be told to sleep; the real one may not.
    let sleep = try Regex("Task" + "\\.sleep|Thread" + "\\.sleep|\\bu?sleep" + "\\(")
    for file in Repository.swiftFiles(in: ["Tests"]) {
      for (number, line) in file.lines.enumerated() {
        #expect(line.firstMatch(of: sleep) == nil, "\(file.path):\(number + 1)")
      }
    }
  }

  @Test("nothing copies a directory entry, or uses Foundation's Process, which does")
  func entries() throws {
    // An entry ends behind its name; a copy of all 256 bytes that its type has reads what may not be there.
    let copy = try Regex("pointee" + "\\.d_name|\\bProcess" + "\\(\\)")
    for file in Repository.swiftFiles(in: ["Sources", "Tests"]) {
      for (number, line) in file.lines.enumerated() {
        #expect(line.firstMatch(of: copy) == nil, "\(file.path):\(number + 1)")
      }
    }
  }

  @Test(
    "each `@unchecked Sendable` and `nonisolated(unsafe)` has a comment that justifies it")
  func uncheckedSendable() throws {
    let unchecked = try Regex("@unchecked Sendable|nonisolated\\(unsafe\\)")
    var count = 0
    for file in Repository.swiftFiles(in: ["Sources"]) {
      let lines = file.lines.map { $0.drop { $0 == " " } }
      for (number, line) in lines.enumerated()
      where !line.hasPrefix("//") && line.firstMatch(of: unchecked) != nil {
        count += 1
        let comment = lines[..<number].reversed().prefix { $0.hasPrefix("///") }
        #expect(
          comment.contains { $0.contains("nchecked") || $0.contains("unsafe") },
          "\(file.path):\(number + 1)")
      }
    }
    #expect(count > 10)
  }

  @Test("every file is formatted")
  func formatted() throws {
    let arguments =
      ["swift", "format", "lint", "--strict", "--recursive", "Package.swift"]
      + ["Sources", "Tests", "Tools", "Examples", "Benchmarks"].filter {
        FileManager.default.fileExists(atPath: Repository.root.appendingPathComponent($0).path)
      }
    let lint = try ChildProcess.run("/usr/bin/env", arguments, in: Repository.root.path)
    #expect(
      lint.ending == .exited(0), "\(String(decoding: lint.output, as: UTF8.self))run `make format`")
  }
}
