import EventCatalogue
import Foundation

/// `make generate`: writes what comes of the catalogue of events into the package in the current directory.
@main
struct WriteCatalogueFiles {
  static func main() throws {
    for file in GeneratedFile.all {
      try file.text.write(toFile: file.path, atomically: true, encoding: .utf8)
    }
  }
}
