internal import Foundation

extension Rollup {
  /// Reads a definition as the database keeps it.
  ///
  /// - Throws: A `DecodingError`, also for what only a later version of this package can say.
  package init(definition: String) throws {
    self = try JSONDecoder().decode(Rollup.self, from: Data(definition.utf8))
  }
}
