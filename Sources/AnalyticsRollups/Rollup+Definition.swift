internal import Foundation

extension Rollup {
  /// Reads a definition in the JSON form in which the database stores it.
  ///
  /// - Throws: A `DecodingError`, also if the definition uses a feature that only a later version
  ///   of this package knows.
  package init(definition: String) throws {
    self = try JSONDecoder().decode(Rollup.self, from: Data(definition.utf8))
  }
}
