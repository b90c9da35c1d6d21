internal import Crypto
internal import Foundation

/// One step of the schema's history. What was published is never edited: a later step corrects it.
package struct Migration: Sendable, Hashable, Identifiable {
  /// The place in the history; unique, from 1 on.
  package let version: Int
  /// What it does, in snake_case, as in its file's name.
  package let name: String
  /// Before or after the new binaries are rolled out.
  package let phase: MigrationPhase
  /// Whether it is applied and recorded in one transaction.
  ///
  /// One that is not (for `CREATE INDEX CONCURRENTLY`) consists of a single statement, which must
  /// do the same when run again: a crash between the statement and its record repeats it.
  package let isTransactional: Bool
  /// What is run, with the target schema first in `search_path`.
  package let sql: String
  /// SHA-256 of ``sql``, in hexadecimal.
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
    checksum = SHA256.hash(data: Data(sql.utf8)).hexadecimal
  }

  /// `001_create_analytics_events`
  package var title: String { MigrationTitle.text(version: version, name: name) }
}

/// When a migration is run, relative to the roll-out of the binaries that need it.
public enum MigrationPhase: String, Sendable, Codable {
  /// Before: what new binaries need and old ones do not mind. Must not rely on a post-deploy
  /// migration, since `pre` may run while those still wait.
  case pre
  /// After: what only new binaries can live with, and what takes long.
  case post
}

/// How a migration is called in files, records and messages.
enum MigrationTitle {
  static func text(version: Int, name: String) -> String {
    let digits = String(version)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits + "_" + name
  }
}

extension SHA256.Digest {
  var hexadecimal: String {
    map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
