/// A selection of migrations to apply, and of work on rollups that follows.
public enum MigrationSelection: String, Sendable, CaseIterable {
  /// All pending migrations, in order of version, then the rollups.
  case all
  /// The pending pre-deploy migrations, which create the tables. If the database has rollups
  /// already, also new rollups and new definitions. Before the first `post` or `all`, the database
  /// has no rollups.
  case pre
  /// The pending post-deploy migrations, then the rollups. Tables of previous definitions that are
  /// no longer needed are dropped. This selection is refused while a pre-deploy migration is
  /// pending.
  case post

  func includes(_ phase: MigrationPhase) -> Bool {
    switch self {
    case .all: true
    case .pre: phase == .pre
    case .post: phase == .post
    }
  }
}
