/// Which migrations to apply, and what of the rollups.
public enum MigrationSelection: String, Sendable, CaseIterable {
  /// All migrations that wait, in order of version, then the rollups.
  case all
  /// The pre-deploy migrations that wait: the tables. Of rollups, where the database has some, new definitions and
  /// new ones; it has none before the first `post` or `all`.
  case pre
  /// The post-deploy migrations that wait, and the rollups; what former definitions of them kept is dropped. Refused
  /// while a pre-deploy migration waits.
  case post

  func includes(_ phase: MigrationPhase) -> Bool {
    switch self {
    case .all: true
    case .pre: phase == .pre
    case .post: phase == .post
    }
  }
}
