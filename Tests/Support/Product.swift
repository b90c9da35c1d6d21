package import Foundation

/// An executable of this package: the build puts it where the test bundle is.
package func product(_ name: String) -> URL {
  var tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  #if os(macOS)
    for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
      tests = bundle.bundleURL
    }
  #endif
  return tests.deletingLastPathComponent().appendingPathComponent(name)
}
