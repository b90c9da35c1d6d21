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
    let others = [
      "Makefile", "Package.swift", "deploy/Dockerfile", "scripts/bench",
      "Sources/AnalyticsServer/Dashboard/Assets/script.js",
      "Sources/AnalyticsServer/Dashboard/Assets/style.css",
      "Sources/AnalyticsStore/Rollups/upstream_views.sql",
    ]
    #expect(Set(Self.filesWithTexts().map(\.path)).isSuperset(of: others))
  }

  @Test("no file is longer than 400 lines")
  func shortFiles() {
    for file in Repository.swiftFiles() {
      // The last line ends with a line feed, so an empty piece follows it.
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

  @Test("the file that names a missing trait is the first of its target")
  func missingTraits() {
    let files = Repository.swiftFiles(in: ["Sources"])
    let traits = files.filter { $0.name == "AMissingTrait.swift" }
    #expect(traits.count == 5)
    for file in traits {
      #expect(files.first { $0.target == file.target }?.path == file.path)
    }
  }

  @Test("comments contain no open tasks")
  func nothingLeftForLater() {
    // The marks are split, because this file must not contain them.
    let marks = ["TO" + "DO", "FIX" + "ME"]
    for file in Repository.swiftFiles() {
      for (number, line) in file.lines.enumerated() {
        #expect(!marks.contains { line.contains($0) }, "\(file.path):\(number + 1)")
      }
    }
  }

  @Test("texts and code contain none of the unclear words")
  func terms() throws {
    // The words are split, because this file must not contain them.
    let words = "some" + "body|who" + "ever|fold" + "ers?|set " + "aside|Left" + "Segments?"
    let unclear = try Regex("\\b(\(words))\\b").ignoresCase().wordBoundaryKind(.simple)
    // Released migrations must not change, and the dump of an old installation has its own texts.
    let exempt = ["Sources/AnalyticsStore/Migrations/", "Tests/AnalyticsStoreTests/Upgrade/"]
    for file in Self.filesWithTexts() where !exempt.contains(where: { file.path.hasPrefix($0) }) {
      for (number, line) in file.lines.enumerated() {
        #expect(line.firstMatch(of: unclear) == nil, "\(file.path):\(number + 1)")
      }
    }
  }

  /// Code, documents, scripts, SQL, and the files of the deployment and of the dashboard.
  private static func filesWithTexts() -> [Repository.File] {
    let single = ["Makefile", "Package.swift", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"]
    let inDirectories =
      ["deploy", "scripts", "Sources/AnalyticsServer/Dashboard/Assets"].flatMap { directory in
        // All Swift files are read anyway.
        Repository.files(in: directory) { !$0.hasSuffix(".swift") }
      }
    let sql = ["Sources", "Tests"].flatMap { Repository.files(in: $0) { $0.hasSuffix(".sql") } }
    return Repository.swiftFiles() + Repository.documents() + single.compactMap(Repository.file)
      + inDirectories + sql
  }

  @Test("no test sleeps")
  func noSleeps() throws {
    // A test may let its own clock sleep, but not the real one.
    let sleep = try Regex("Task" + "\\.sleep|Thread" + "\\.sleep|\\bu?sleep" + "\\(")
    for file in Repository.swiftFiles(in: ["Tests"]) {
      for (number, line) in file.lines.enumerated() {
        #expect(line.firstMatch(of: sleep) == nil, "\(file.path):\(number + 1)")
      }
    }
  }

  @Test("no code copies a directory entry or uses Foundation's Process, which copies them")
  func entries() throws {
    // An entry ends after its name. Copying all 256 bytes of its type reads memory that may not exist.
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
