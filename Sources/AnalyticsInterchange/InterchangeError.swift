/// The reason why an import or export failed, in one line: what failed, where, and what to do.
package struct InterchangeError: Error, Sendable, CustomStringConvertible {
  package struct Code: Hashable, Sendable {
    private let name: String

    /// An input cannot be opened.
    package static let cannotOpen = Code(name: "cannotOpen")
    /// An input cannot be read to its end.
    package static let cannotRead = Code(name: "cannotRead")
    /// Compressed data ends too early, or does not match its checksum.
    package static let damaged = Code(name: "damaged")
    /// A strict import met an invalid line.
    package static let badLine = Code(name: "badLine")
    /// The output cannot be written.
    package static let cannotWrite = Code(name: "cannotWrite")
    /// The database lacks migrations, or has others than this version.
    package static let notMigrated = Code(name: "notMigrated")
    /// The task was cancelled.
    package static let stopped = Code(name: "stopped")
  }

  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
