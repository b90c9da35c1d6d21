package import Foundation

/// The path of an executable of this package, which the build puts next to the test bundle.
package func product(_ name: String) -> URL {
  var tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  #if os(macOS)
    for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
      tests = bundle.bundleURL
    }
  #endif
  return tests.deletingLastPathComponent().appendingPathComponent(name)
}
