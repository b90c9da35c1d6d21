import Foundation
import Testing

@testable import AnalyticsServer

@Suite("Colours of pages")
struct ColourTests {
  /// The variables of the light and of the dark theme. The dark theme overrides the light one.
  private static func themes() throws -> [[String: Colour]] {
    let css = String(decoding: PackageResources.style_css, as: UTF8.self)
    let parts = css.split(separator: "@media (prefers-color-scheme: dark)", maxSplits: 1)
    try #require(parts.count == 2)
    func colours(_ text: Substring) -> [String: Colour] {
      let end = text.range(of: "\n}\n")?.lowerBound ?? text.endIndex
      return Dictionary(
        uniqueKeysWithValues: text[..<end].matches(of: #/--([a-z0-9]+): #([0-9a-f]{6});/#).map {
          (String($0.1), Colour(hexadecimal: Int($0.2, radix: 16) ?? 0))
        })
    }
    let light = colours(parts[0])
    return [light, light.merging(colours(parts[1])) { $1 }]
  }

  @Test("text has a contrast of 4.5 to 1 to its background, and lines 3 to 1, in both themes")
  func contrast() throws {
    for theme in try Self.themes() {
      for behind in ["page", "panel"] {
        let ground = try #require(theme[behind])
        for text in ["text", "muted", "accent", "problem"] {
          #expect(try #require(theme[text]).contrast(to: ground) >= 4.5, "\(text) on \(behind)")
        }
      }
      for line in 1...8 {
        let panel = try #require(theme["panel"])
        #expect(try #require(theme["s\(line)"]).contrast(to: panel) >= 3, "s\(line)")
      }
    }
  }

  @Test("any two lines differ by at least 20 with normal and with impaired colour vision")
  func distance() throws {
    for theme in try Self.themes() {
      let lines = try (1...8).map { try #require(theme["s\($0)"]) }
      for vision in Colour.Vision.allCases {
        for (index, one) in lines.enumerated() {
          for other in lines[..<index] {
            let distance = one.seen(with: vision).distance(to: other.seen(with: vision))
            #expect(distance >= 20, "\(vision): s\(index + 1)")
          }
        }
      }
    }
  }
}

/// A colour in linear sRGB, with components from 0 to 1.
private struct Colour {
  var channels: [Double]

  init(hexadecimal colour: Int) {
    channels = [colour >> 16, colour >> 8, colour].map { channel in
      let value = Double(channel & 255) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  /// The relative luminance as WCAG 2.1 defines it.
  private var luminance: Double {
    0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  func contrast(to other: Colour) -> Double {
    (max(luminance, other.luminance) + 0.05) / (min(luminance, other.luminance) + 0.05)
  }

  enum Vision: CaseIterable {
    case usual, protanopia, deuteranopia, tritanopia

    /// How the colour looks with a colour vision deficiency of severity 1. From Machado, Oliveira and Fernandes, "A
    /// Physiologically-based Model for Simulation of Color Vision Deficiency", 2009.
    var matrix: [[Double]] {
      switch self {
      case .usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
      case .protanopia:
        [
          [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
          [-0.003882, -0.048116, 1.051998],
        ]
      case .deuteranopia:
        [
          [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
          [-0.011820, 0.042940, 0.968881],
        ]
      case .tritanopia:
        [
          [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
          [0.004733, 0.691367, 0.303900],
        ]
      }
    }
  }

  func seen(with vision: Vision) -> Colour {
    var colour = self
    colour.channels = vision.matrix.map { row in
      min(1, max(0, zip(row, channels).reduce(0) { $0 + $1.0 * $1.1 }))
    }
    return colour
  }

  /// The colour in CIE 1976 L*a*b*, with white point D65.
  private var lab: [Double] {
    let (red, green, blue) = (channels[0], channels[1], channels[2])
    let (x, y, z) = (
      (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047,
      0.2126729 * red + 0.7151522 * green + 0.0721750 * blue,
      (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    )
    func root(_ value: Double) -> Double {
      value > 0.008856 ? cbrt(value) : 7.787 * value + 16.0 / 116
    }
    return [116 * root(y) - 16, 500 * (root(x) - root(y)), 200 * (root(y) - root(z))]
  }

  func distance(to other: Colour) -> Double {
    zip(lab, other.lab).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}
