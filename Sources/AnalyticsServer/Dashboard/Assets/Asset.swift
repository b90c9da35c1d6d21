internal import AnalyticsText
internal import Crypto
internal import HTTPTypes

/// A file that the pages use. Its path contains a hash of its content, so browsers can cache it
/// forever.
struct Asset: Sendable {
  private static let directory = DashboardPage.root + "/assets/"

  let path: String
  private let body: Body

  private init(_ name: String, _ bytes: [UInt8], type: String) {
    let mark = Hexadecimal.text(SHA256.hash(data: bytes).prefix(6))
    let parts = name.split(at: ".")
    path = "\(Self.directory)\(parts[0])-\(mark).\(parts[1])"
    body = Body(bytes, type: type)
  }

  static let style = Asset("style.css", PackageResources.style_css, type: "text/css; charset=utf-8")
  static let script = Asset(
    "script.js", PackageResources.script_js, type: "text/javascript; charset=utf-8")
  static let icon = Asset("icon.svg", PackageResources.icon_svg, type: "image/svg+xml")

  static var routes: [Route] {
    [style, script, icon].map { asset in
      // The path changes with the content, so each version would be a metric of its own.
      Route(
        path: asset.path, summary: "A file of the pages.", need: nil, countedPath: directory + "*"
      ) { _ in
        Answer(
          body: .bytes(asset.body),
          headers: [.cacheControl: "public, max-age=31536000, immutable"])
      }
    }
  }
}
