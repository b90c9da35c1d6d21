/// The reason why an import or export failed, in one line: what failed, where, and what to do.
package struct InterchangeError: Error, Sendable, CustomStringConvertible {
  package struct Code: Hashable, Sendable {
    private let name: String

    /// Compressed data ends too early, or does not match its checksum.
    package static let damaged = Code(name: "damaged")
    /// A strict import met an invalid line.
    package static let badLine = Code(name: "badLine")
    /// The task was cancelled.
    package static let stopped = Code(name: "stopped")
    /// Any other failure.
    package static let failed = Code(name: "failed")
  }

  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
