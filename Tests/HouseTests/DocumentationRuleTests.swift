import Foundation
import Testing

@Suite(
  "House rules for documentation",
  .enabled(if: Repository.file("README.md") != nil, "there is no README yet"))
struct DocumentationRuleTests {
  private let documents = Repository.documents().map(\.text).joined(separator: "\n")
  private let sources = Repository.swiftFiles(in: ["Sources"])

  @Test("every metric is documented")
  func metrics() throws {
    let label = try Regex(#""(analytics_[a-z0-9_]+)""#)
    for (name, place) in try literals(label, inFilesImporting: "Metrics") {
      #expect(documents.contains("`\(name)"), "\(place): the metric \(name) is in no document")
    }
  }

  @Test("every configuration key is documented")
  func configurationKeys() throws {
    // Every key is passed as a literal to the reader or to one of our functions. Only keys have dots or follow
    // `forKey:`.
    let key = try Regex(#"(?:forKey:\s*|\()"([a-z]+(?:\.[a-z]+)*)""#)
    for (name, place) in try literals(key, inFilesImporting: "Configuration") {
      #expect(documents.contains("`\(name)"), "\(place): the key \(name) is in no document")
    }
  }

  @Test("every environment variable is documented")
  func environmentVariables() throws {
    let variable = try Regex(#""((?:ANALYTICS|PLATFORM)_[A-Z_]+|DATABASE_URL)""#)
    let known = documents + (Repository.file("CONTRIBUTING.md")?.text ?? "")
    for (name, place) in try literals(variable, inFilesImporting: nil) {
      #expect(known.contains(name), "\(place): the variable \(name) is in no document")
    }
  }

  @Test("every variable of a script is documented")
  func scriptVariables() throws {
    let known = Repository.file("CONTRIBUTING.md")?.text ?? ""
    let scripts = Repository.files(in: "scripts") { _ in true }
    let names = Set(
      scripts.flatMap { $0.text.matches(of: #/\$\{(ANALYTICS_[A-Z_]+)/#).map { String($0.1) } })
    #expect(names.contains("ANALYTICS_RUN_SECONDS"))
    for name in names { #expect(known.contains("| `\(name)` |"), "\(name) is in no document") }
  }

  @Test("every command is in the README's table")
  func commands() throws {
    let readme = Repository.file("README.md")?.text ?? ""
    let tool = try #require(
      Repository.file("Sources/AnalyticsCommand/AnalyticsTool.swift")?.text)
    let commands = tool.matches(of: #/(\w+)Command\.self/#).map { match in
      // The command of `DeadLetters` is called `dead-letters`.
      match.1.replacing(#/\B[A-Z]/#) { "-" + $0.output }.lowercased()
    }
    #expect(commands.count > 5)
    for command in commands {
      #expect(readme.contains(try Regex("(?m)^\\| `analytics \(command)\\b")), "\(command)")
    }
  }

  @Test("every document and every article is linked in the README")
  func links() {
    let readme = Repository.file("README.md")?.text ?? ""
    #expect(Repository.articles().count > 5)
    for document in Repository.documents() where document.path != "README.md" {
      #expect(readme.contains("](\(document.path))"), "\(document.path)")
    }
  }

  @Test("the landing page of the library has every article and every public type")
  func landingPage() throws {
    let page = try #require(Repository.file("Sources/Analytics/Analytics.docc/Analytics.md")?.text)
    for article in Repository.articles() where article.name != "Analytics.md" {
      #expect(page.contains("<doc:\(article.name.dropLast(3))>"), "\(article.path)")
    }
    let declaration = try Regex(
      #"(?m)^public (?:final |indirect )?(?:actor|class|enum|protocol|struct) (\w+)"#)
    let types = Repository.swiftFiles(in: ["Sources/Analytics"]).flatMap { file in
      file.text.matches(of: declaration).compactMap { $0[1].substring }
    }
    #expect(types.count > 30)
    for type in types { #expect(page.contains("``\(type)``"), "\(type)") }
  }

  @Test(
    "each row about the upstreams names the equivalent here, and existing tests")
  func upstreams() throws {
    let text = try #require(Repository.file("docs/UPSTREAM.md")?.text)
    let suites = Self.suites()
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") && !$0.hasPrefix("|---") }
      .filter { !$0.hasPrefix("| there |") }
    #expect(rows.count > 30)
    for row in rows {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells.count == 3 && cells.allSatisfy { !$0.isEmpty }, "\(row)")
      let tests = (cells.last ?? "").matches(of: #/`(\w+)`/#).map { String($0.1) }
      #expect(!tests.isEmpty && suites.isSuperset(of: tests), "\(row)")
    }
  }

  @Test("every test suite that a document names exists")
  func namedSuites() {
    let suites = Self.suites()
    let others = [Repository.file("CONTRIBUTING.md")].compactMap { $0 }
    var paths: Set<String> = []
    for document in Repository.documents() + others {
      for match in document.text.matches(of: #/`(\w+Tests)`/#) {
        paths.insert(document.path)
        let name = String(match.1)
        #expect(suites.contains(name), "\(document.path): there is no test suite \(name)")
      }
    }
    #expect(
      paths.isSuperset(of: ["docs/GUARANTEES.md", "docs/THREAT_MODEL.md", "docs/UPSTREAM.md"]))
  }

  @Test("the cost of `track` is the measured one, rounded to tens, in all documents")
  func costOfTrack() throws {
    let measured = try #require(
      Repository.file("docs/PERFORMANCE.md")?.text.firstMatch(
        of: #/\| \*\*`track`\*\* \| \*\*(\d+)\*\* \|/#))
    let figure = "\((try #require(Int(measured.1)) + 5) / 10 * 10) ns"
    for path in [
      "README.md", "docs/CONFIGURATION.md", "Sources/Analytics/Buffer/BufferMode.swift",
      "Sources/Analytics/Client/AnalyticsClient.swift",
    ] {
      let text = try #require(Repository.file(path)?.text)
      let said = Set(text.matches(of: #/[0-9.]+ (?:ns|µs)\b/#).map { String($0.output) })
      #expect(said == [figure], "\(path)")
    }
  }

  @Test("the reasons of failed system calls are worded by one function")
  func systemReasons() {
    for file in sources where file.name != "SystemReason.swift" {
      #expect(!file.text.contains("strerror"), "\(file.path)")
      #expect(!file.text.contains(#/errno(?:Code)?:? ?\\\(|\\\([\w.]*errno/#), "\(file.path)")
    }
  }

  /// The names of all test suites.
  private static func suites() -> Set<String> {
    Set(
      Repository.swiftFiles(in: ["Tests"]).flatMap { file in
        file.text.matches(of: #/struct (\w+Tests)\b/#).map { String($0.1) }
      })
  }

  /// The first group of each match of a pattern, with its place.
  private func literals(
    _ pattern: Regex<AnyRegexOutput>, inFilesImporting module: String?
  ) throws -> [(name: String, place: String)] {
    let statement = try Regex("(?m)^\\s*(?:\\w+ )?import \(module ?? "")\\b")
    return sources.filter { module == nil || $0.text.firstMatch(of: statement) != nil }
      .flatMap { file in
        file.text.matches(of: pattern).compactMap { match in
          match[1].substring.map { (String($0), file.path) }
        }
      }
  }
}
