import Testing

/// What sees characters misses a sign that joins to its neighbour; see ARCHITECTURE.md, 31.
@Suite("House rules for text")
struct TextRuleTests {
  private static let forbidden: [(pattern: String, instead: String)] = [
    (#"\.has(Prefix|Suffix)\("#, "begins(with:), ends(with:)"),
    (#"\.replacing\([^)]*with:"#, "replacing(_:by:), filling(_:)"),
    (#"replacingOccurrences|replacingCharacters"#, "replacing(_:by:)"),
    (#"\.split\((separator: "|whereSeparator)"#, "split(at:)"),
    (#"components\(separatedBy"#, "split(at:)"),
    (#"trimmingCharacters|addingPercentEncoding|removingPercentEncoding"#, "trimmed, URLText"),
    (#"\.(first|last)Index\(of: ""#, "cut(at:), or a view of scalars or bytes"),
    (#"\.(contains|starts)\((with: )?""#, "has(_:), has(bytesOf:)"),
    (#"\.is(Letter|Number|WholeNumber|HexDigit|Newline|Whitespace|Punctuation|Symbol)\b"#, "bytes"),
    (#"\bCharacter\b|\bRegex\b|[^"]#/|asciiValue|wholeNumberValue"#, "Unicode.Scalar, UInt8"),
  ]

  @Test("the sources look at bytes and scalars of a text, never at characters")
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
    "SQL writes a backslash so that it means the same whatever standard_conforming_strings says")
  func backslashes() throws {
    // What was released may not change. Migration 15 replaces the function of the second, 17 sets the
    // others right.
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

  @Test("the rule sees what it is there to see")
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
