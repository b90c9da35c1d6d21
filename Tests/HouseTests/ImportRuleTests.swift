import Testing

@Suite("House rules for targets")
struct ImportRuleTests {
  /// The executables are a call each; what the table says of the command is meant for both.
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

  @Test("targets import only what the table says")
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

  private var sourceTargets: Set<String> {
    Set(Repository.files(in: "Sources") { _ in true }.map(\.target))
  }
}
