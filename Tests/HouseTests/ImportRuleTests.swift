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
    let files = Repository.swiftFiles(in: ["Sources/Analytics/Buffer"])
    #expect(files.count > 20)
    try expect(files, withoutMatchOf: #"\bEvent(Sink|Batch|Receipt)"#)
  }

  @Test("sinks do not depend on how the buffer keeps rows: they know rows, and no segments")
  func sinkWithoutSegments() throws {
    let files = Repository.swiftFiles(in: ["Sources/Analytics/Sink"])
    #expect(files.count >= 4)
    try expect(files, withoutMatchOf: #"\b(ActiveSegment|Segment|Piece)\b"#)
  }

  private func expect(_ files: [Repository.File], withoutMatchOf pattern: String) throws {
    // By default, no word begins behind the dot of `BufferedRows.Piece`.
    let names = try Regex(pattern).wordBoundaryKind(.simple)
    for file in files {
      for (number, line) in file.lines.enumerated() {
        #expect(line.firstMatch(of: names) == nil, "\(file.path):\(number + 1)")
      }
    }
  }

  private var sourceTargets: Set<String> {
    Set(Repository.files(in: "Sources") { _ in true }.map(\.target))
  }
}
