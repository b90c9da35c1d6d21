/// Which targets a target may import, as the table in ARCHITECTURE.md defines it.
///
/// A row is `| target | one line | may import |`; a cell lists targets between commas, `–` for none
/// and `all` for all.
struct TargetTable {
  private(set) var imports: [String: Set<String>] = [:]
  private var unlimited: Set<String> = []

  init(markdown: String) {
    for line in markdown.split(separator: "\n") where line.hasPrefix("|") {
      let cells = line.split(separator: "|").map { $0.filter { $0 != "`" && $0 != " " } }
      // This skips the table's header, because a target's name has no spaces or dashes and begins in upper case.
      guard cells.count == 3, let first = cells[0].first, first.isUppercase else { continue }
      let names = cells[2].split(separator: ",").map(String.init)
      imports[cells[0]] = Set(names.filter { $0 != "–" && $0 != "all" })
      if names == ["all"] { unlimited.insert(cells[0]) }
    }
  }

  var targets: Set<String> { Set(imports.keys) }

  /// Whether a target may import a module; `nil` if the table lacks the target.
  func mayImport(_ module: String, in target: String) -> Bool? {
    guard let allowed = imports[target] else { return nil }
    return unlimited.contains(target) || allowed.contains(module)
  }
}
