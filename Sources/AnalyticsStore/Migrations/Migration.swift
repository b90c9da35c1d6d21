internal import AnalyticsText
internal import Crypto
internal import Foundation

/// One migration of the schema. A published migration is never edited; a later one corrects it.
package struct Migration: Sendable, Hashable, Identifiable {
  /// The position in the history, from 1 on; unique.
  package let version: Int
  /// What the migration does, in snake_case, as in the name of its file.
  package let name: String
  /// Whether it runs before or after the new binaries are rolled out.
  package let phase: MigrationPhase
  /// Whether it is applied and recorded in one transaction.
  ///
  /// A migration that is not (for `CREATE INDEX CONCURRENTLY`) consists of a single idempotent
  /// statement, since a crash between the statement and its record makes it run again.
  package let isTransactional: Bool
  /// The SQL, run with the target schema first in `search_path`.
  package let sql: String
  /// The SHA-256 of ``sql``, in hexadecimal.
  package let checksum: String

  package var id: Int { version }

  package init(
    version: Int, name: String, phase: MigrationPhase, isTransactional: Bool = true, sql: String
  ) {
    self.version = version
    self.name = name
    self.phase = phase
    self.isTransactional = isTransactional
    self.sql = sql
    checksum = Hexadecimal.text(SHA256.hash(data: Data(sql.utf8)))
  }

  /// The number and the name, such as `001_create_analytics_events`.
  package var title: String { MigrationTitle.text(version: version, name: name) }
}

/// When a migration is run, relative to the roll-out of the binaries that need it.
public enum MigrationPhase: String, Sendable, Codable {
  /// Before the roll-out: changes that new binaries need and that old ones can work with. Such a
  /// migration must not depend on a post-deploy migration, since `pre` may run while post-deploy
  /// migrations are pending.
  case pre
  /// After the roll-out: changes that old binaries cannot work with, and changes that take long.
  case post
}

/// The title of a migration in files, records and messages.
enum MigrationTitle {
  static func text(version: Int, name: String) -> String {
    let digits = String(version)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "_" + name
  }
}
