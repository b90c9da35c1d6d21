import Foundation

/// The files of this repository, for the house rules.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A file with its contents.
  struct File: Sendable {
    /// The path below the root, such as `Sources/Analytics/…`.
    let path: String
    let text: String

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    /// The name of the target: `Analytics` for `Sources/Analytics/…`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  }

  /// All our own Swift files. Files of packages below `.build` are not included.
  static func swiftFiles(
    in directories: [String] = ["Sources", "Tests", "Tools", "Examples", "Benchmarks"]
  ) -> [File] {
    directories.flatMap { files(in: $0) { $0.hasSuffix(".swift") } }
  }

  /// The wanted files below a directory; none if the directory does not exist.
  static func files(in directory: String, where isWanted: (String) -> Bool) -> [File] {
    let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent(directory).path)
    return (paths?.compactMap { $0 as? String } ?? [])
      .filter { isWanted($0) && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
      .sorted()
      .compactMap { file("\(directory)/\($0)") }
  }

  static func file(_ path: String) -> File? {
    guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    else { return nil }
    return File(path: path, text: text)
  }

  /// All documents: the README, the files of `docs`, and the articles of DocC catalogues.
  static func documents() -> [File] {
    [file("README.md")].compactMap { $0 } + files(in: "docs") { $0.hasSuffix(".md") } + articles()
  }

  /// The pages of DocC catalogues, as `Sources/Analytics/Analytics.docc/…`.
  static func articles() -> [File] {
    files(in: "Sources") { $0.contains(".docc/") && $0.hasSuffix(".md") }
  }
}
