import Foundation
import Testing

@testable import AnalyticsServer

@Suite("Colours of pages")
struct ColourTests {
  /// The variables of a theme; the dark one overrides the light one.
  private static func themes() throws -> [[String: Double]] {
    let css = String(decoding: PackageResources.style_css, as: UTF8.self)
    let parts = css.split(separator: "@media (prefers-color-scheme: dark)", maxSplits: 1)
    try #require(parts.count == 2)
    func luminances(_ text: Substring) -> [String: Double] {
      let end = text.range(of: "\n}\n")?.lowerBound ?? text.endIndex
      return Dictionary(
        uniqueKeysWithValues: text[..<end].matches(of: #/--([a-z0-9]+): #([0-9a-f]{6});/#).map {
          (String($0.1), luminance(Int($0.2, radix: 16) ?? 0))
        })
    }
    let light = luminances(parts[0])
    return [light, light.merging(luminances(parts[1])) { $1 }]
  }

  /// WCAG 2.1, relative luminance.
  private static func luminance(_ colour: Int) -> Double {
    let channels = [colour >> 16, colour >> 8, colour].map { channel in
      let value = Double(channel & 255) / 255
      return value <= 0.03928 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  private static func contrast(_ one: Double, _ other: Double) -> Double {
    (max(one, other) + 0.05) / (min(one, other) + 0.05)
  }

  @Test("text stands out from what is behind it, by 4.5 to 1, and lines by 3 to 1, in both themes")
  func contrast() throws {
    for theme in try Self.themes() {
      for behind in ["page", "panel"] {
        let ground = try #require(theme[behind])
        for text in ["text", "muted", "accent", "problem"] {
          #expect(Self.contrast(try #require(theme[text]), ground) >= 4.5, "\(text) on \(behind)")
        }
      }
      for line in 1...8 {
        let panel = try #require(theme["panel"])
        #expect(Self.contrast(try #require(theme["s\(line)"]), panel) >= 3, "s\(line)")
      }
    }
  }
}
