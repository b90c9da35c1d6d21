/// Which migrations to apply.
public enum MigrationSelection: String, Sendable, CaseIterable {
  /// All that wait, in order of version.
  case all
  /// The pre-deploy ones that wait.
  case pre
  /// The post-deploy ones that wait; refused while a pre-deploy one does.
  case post

  func includes(_ phase: MigrationPhase) -> Bool {
    switch self {
    case .all: true
    case .pre: phase == .pre
    case .post: phase == .post
    }
  }
}
