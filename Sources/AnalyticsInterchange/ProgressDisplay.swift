/// A display on which an import or export shows messages and its progress.
package protocol ProgressDisplay: Sendable {
  /// Whether ``draw(_:)`` shows anything.
  var showsProgress: Bool { get }

  /// Shows a message, on a line of its own.
  func print(_ line: String)

  /// Shows the progress in place of what was shown before.
  func draw(_ line: String)

  /// Removes the progress.
  func clear()
}

/// Shows nothing.
package struct NoDisplay: ProgressDisplay {
  package let showsProgress = false

  package init() {}

  package func print(_ line: String) {}
  package func draw(_ line: String) {}
  package func clear() {}
}
