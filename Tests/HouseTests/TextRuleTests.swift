import Testing

/// Code that handles characters misses a sign that joins with its neighbour (ARCHITECTURE.md, 31).
@Suite("House rules for text")
struct TextRuleTests {
  private static let forbidden: [(pattern: String, instead: String)] = [
    (#"\.has(Prefix|Suffix)\("#, "begins(with:), ends(with:)"),
    (#"\.replacing\([^)]*with:"#, "replacing(_:by:)"),
    (#"replacingOccurrences|replacingCharacters"#, "replacing(_:by:)"),
    (#"\.split\((separator: "|whereSeparator)"#, "split(at:)"),
    (#"components\(separatedBy"#, "split(at:)"),
    (#"trimmingCharacters|addingPercentEncoding|removingPercentEncoding"#, "trimmed, URLText"),
    (#"\.(first|last)Index\(of: ""#, "cut(at:), or a view of scalars or bytes"),
    (#"\.(contains|starts)\((with: )?""#, "has(_:), has(bytesOf:)"),
    (#"\.is(Letter|Number|WholeNumber|HexDigit|Newline|Whitespace|Punctuation|Symbol)\b"#, "bytes"),
    (#"\bCharacter\b|\bRegex\b|[^"]#/|asciiValue|wholeNumberValue"#, "Unicode.Scalar, UInt8"),
  ]

  @Test("the sources handle texts as bytes and scalars, never as characters")
  func characters() throws {
    let files = Repository.swiftFiles(in: ["Sources"])
    #expect(files.count > 100)
    for (pattern, instead) in Self.forbidden {
      let pattern = try Regex(pattern)
      for file in files {
        for (number, line) in file.lines.enumerated() {
          let code = line.prefix(upTo: line.firstRange(of: "//")?.lowerBound ?? line.endIndex)
          #expect(
            code.firstMatch(of: pattern) == nil, "\(file.path):\(number + 1): use \(instead)")
        }
      }
    }
  }

  @Test(
    "backslashes in SQL mean the same with any standard_conforming_strings")
  func backslashes() throws {
    // Released migrations must not change. Migration 15 replaces the function of the second migration, and 17 corrects
    // the others.
    let released = ["/001_", "/006_", "/013_"]
    let files = Repository.files(in: "Sources") { path in
      path.hasSuffix(".sql") && !released.contains { path.contains($0) }
    }
    #expect(files.count > 15)
    for file in files {
      for (number, line) in file.lines.enumerated() where line.contains("\\") {
        #expect(line.contains("E'"), "\(file.path):\(number + 1): write E'…'")
      }
    }
  }

  /// SQL is used verbatim here: it comes from a migration, or the server wrote it.
  private static let verbatim: Set<String> = [
    "SQL.swift", "MigrationSession.swift", "OwnerRole.swift", "ErasureRun.swift",
    "PostgresConnection+Transaction.swift",
  ]

  /// A parameter numbered by hand among SQL words, or a doubled quote.
  private static let handmade = {
    let words = #"\b(SELECT|FROM|WHERE|VALUES|AND|SET)\b"#
    return #"\$[1-9]\d?(::|.*\#(words))|\#(words).*\$[1-9]|by: "''""#
  }()

  @Test(
    "one type composes statements: it numbers parameters and quotes (ARCHITECTURE.md, 35)"
  )
  func statements() throws {
    let handmade = try Regex(Self.handmade)
    for file in Repository.swiftFiles(in: ["Sources"]) where !Self.verbatim.contains(file.name) {
      // The settings in a server's configuration file are not SQL.
      if file.name == "ServerCommands.swift" { continue }
      for (number, line) in file.lines.enumerated() {
        #expect(!line.contains("SQL(verbatim:"), "\(file.path):\(number + 1)")
        #expect(line.firstMatch(of: handmade) == nil, "\(file.path):\(number + 1): interpolate it")
      }
    }
    for line in [
      "WHERE id = $1", "VALUES ($1, $12)", "$3::uuid", #"text.replacing("'", by: "''")"#,
    ] {
      #expect(line.firstMatch(of: handmade) != nil, "\(line)")
    }
    #expect("rows.sorted { $0.name < $1.name }".firstMatch(of: handmade) == nil)
  }

  @Test("the rule finds violations")
  func finds() throws {
    let patterns = try Self.forbidden.map { try Regex($0.pattern) }
    for line in [
      #"text.hasPrefix("a")"#, #"text.replacing("<", with: "&lt;")"#,
      #"text.split(separator: ",")"#,
      #"let form = #/\d/#"#, "let last: Character?", #"text.contains("@")"#,
      #"text.firstIndex(of: "=")"#,
    ] {
      #expect(patterns.contains { line.firstMatch(of: $0) != nil }, "\(line)")
    }
  }
}
