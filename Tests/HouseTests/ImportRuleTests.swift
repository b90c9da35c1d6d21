import Testing

@Suite("House rules for targets")
struct ImportRuleTests {
  /// The executables only call the command, so the table's row of the command applies to them, too.
  private static let executables: Set<String> = ["AnalyticsMain", "AnalyticsMigrateMain"]

  private let table = TargetTable(markdown: Repository.file("ARCHITECTURE.md")?.text ?? "")

  @Test("the table is found and parsed")
  func tableIsRead() {
    #expect(table.targets.isSuperset(of: ["Analytics", "AnalyticsPostgres", "AnalyticsCommand"]))
    #expect(table.mayImport("CAnalyticsPQ", in: "AnalyticsPostgres") == true)
    #expect(table.mayImport("AnalyticsPostgres", in: "Analytics") == false)
  }

  @Test("every target is in the table")
  func everyTargetIsNamed() {
    for target in sourceTargets where !Self.executables.contains(target) {
      #expect(
        table.targets.contains(target) || target.hasPrefix("C"),
        "ARCHITECTURE.md's table lacks \(target)")
    }
  }

  @Test("targets import only what the table allows")
  func importsAreAllowed() throws {
    let ours = table.targets.union(sourceTargets)
    let statement = try Regex(
      #"^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|func|protocol)\s+)?(\w+)"#
    )
    for file in Repository.swiftFiles(in: ["Sources"]) {
      for line in file.lines {
        guard let found = line.prefixMatch(of: statement), let range = found[1].range else {
          continue
        }
        let module = String(line[range])
        guard ours.contains(module), module != file.target else { continue }
        let isAllowed =
          Self.executables.contains(file.target)
          ? module == "AnalyticsCommand" : table.mayImport(module, in: file.target)
        #expect(isAllowed == true, "\(file.path) imports \(module)")
      }
    }
  }

  @Test("the buffer does not depend on sinks: it provides rows, and is told their outcome")
  func bufferWithoutSink() throws {
    let sink = try Regex(#"\bEvent(Sink|Batch|Receipt)"#)
    let files = Repository.swiftFiles(in: ["Sources/Analytics/Buffer"])
    #expect(files.count > 20)
    for file in files {
      for (number, line) in file.lines.enumerated() {
        #expect(line.firstMatch(of: sink) == nil, "\(file.path):\(number + 1)")
      }
    }
  }

  private var sourceTargets: Set<String> {
    Set(Repository.files(in: "Sources") { _ in true }.map(\.target))
  }
}
