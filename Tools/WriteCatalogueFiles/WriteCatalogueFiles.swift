import EventCatalogue
import Foundation

/// `make generate`: writes the generated files into the package in the current directory.
@main
struct WriteCatalogueFiles {
  static func main() throws {
    for file in GeneratedFile.all {
      try file.text.write(toFile: file.path, atomically: true, encoding: .utf8)
    }
  }
}
