import Testing

/// The target ExampleTests contains the examples of the documents as files, so that the build compiles them.
@Suite("House rules for examples")
struct ExampleRuleTests {
  /// A piece of Swift code, split into its imports and the rest.
  private struct Example {
    var imports: Set<String> = []
    var body: [String] = []

    init(_ lines: some Sequence<Substring>) {
      for line in lines {
        if let module = line.prefixMatch(of: #/import (\w+)/#) {
          imports.insert(String(module.1))
        } else {
          body.append(String(line))
        }
      }
      while body.first?.isEmpty == true { body.removeFirst() }
      while body.last?.isEmpty == true { body.removeLast() }
    }

    /// Whether this code contains the other code, either directly or as the body of a method.
    func contains(_ other: Example) -> Bool {
      ["", "    "].contains { indentation in
        let wanted = other.body.map { $0.isEmpty ? "" : indentation + $0 }
        return body.indices.contains { body[$0...].starts(with: wanted) }
      }
    }
  }

  @Test("every Swift example of the README, the documents and the articles compiles")
  func documents() {
    let compiled = Repository.files(in: "Tests/ExampleTests/Documents") { $0.hasSuffix(".swift") }
      .map { Example($0.lines) }
    var count = 0
    for document in Repository.documents() {
      for (example, line) in Self.examples(of: document) {
        count += 1
        #expect(
          compiled.contains { $0.imports == example.imports && $0.contains(example) },
          "\(document.path):\(line): no file of Tests/ExampleTests/Documents has it")
      }
    }
    #expect(count >= 16)
  }

  /// The examples, except parts of a Package.swift and examples under a heading with `untested`.
  private static func examples(
    of document: Repository.File
  ) -> [(example: Example, line: Int)] {
    var examples: [(Example, Int)] = []
    var heading: Substring = ""
    var start: Int?
    for (index, line) in document.lines.enumerated() {
      if let first = start {
        guard line == "```" else { continue }
        start = nil
        let lines = document.lines[first..<index]
        guard lines.first != "// Package.swift", !heading.contains("untested") else { continue }
        examples.append((Example(lines), first))
      } else if line.hasPrefix("#") {
        heading = line
      } else if line == "```swift" {
        start = index + 1
      }
    }
    return examples
  }
}
