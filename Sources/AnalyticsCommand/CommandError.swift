/// The reason why a command failed, in one line: what failed, where, and what to do.
struct CommandError: Error, Sendable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
