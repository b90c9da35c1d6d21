internal import Foundation

/// A generated font in which all characters are boxes of one width.
///
/// Pages in this font do not depend on the fonts of a machine. All fonts for reading are wider than ``narrow`` and
/// narrower than ``wide``, so a layout that fits both of these fits any font.
package struct UniformFont: Sendable, CustomStringConvertible {
  package var name: String
  /// The width of a character in thousandths of the font's size. Latin text has 500 to 600 on average.
  package var width: Int

  package static let narrow = UniformFont(name: "narrow", width: 300)
  /// A little wider than most fonts for reading.
  package static let usual = UniformFont(name: "usual", width: 600)
  package static let wide = UniformFont(name: "wide", width: 1000)

  package var description: String { "a \(name) font" }

  /// Writes the font into a directory, and a configuration with which fontconfig knows no other font.
  ///
  /// - Returns: The path of the configuration, for `FONTCONFIG_FILE`.
  func install(in directory: String) throws -> String {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try Data(file).write(to: URL(fileURLWithPath: "\(directory)/\(name).ttf"))
    let configuration = "\(directory)/fonts.conf"
    let text = """
      <?xml version="1.0"?>
      <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
      <fontconfig><dir>\(directory)</dir><cachedir>\(directory)/cache</cachedir></fontconfig>
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: configuration))
    return configuration
  }

  // MARK: - The file

  /// A TrueType font with one outline. Its tables are those of
  /// [OpenType](https://learn.microsoft.com/typography/opentype/spec/otff).
  private var file: [UInt8] {
    // The specification requires tables in the order of their names.
    let tables: [(name: String, bytes: [UInt8])] = [
      ("OS/2", metrics), ("cmap", characters), ("glyf", outline), ("head", head),
      ("hhea", horizontalHead), ("hmtx", words([width, 0, width, 0, width, 0])),
      ("loca", words([0, 0, 0, outline.count / 2])), ("maxp", limits), ("name", names),
      ("post", words([3, 0, 0, 0]) + zeros(24)),
    ]
    var body: [UInt8] = []
    var directory = words([1, 0, tables.count, 128, 3, 16 * tables.count - 128])
    let start = directory.count + 16 * tables.count
    for table in tables {
      directory += Array(table.name.utf8) + long(Self.sum(of: table.bytes))
      directory += long(start + body.count) + long(table.bytes.count)
      body += table.bytes + zeros(-table.bytes.count & 3)
    }
    return directory + body
  }

  private var head: [UInt8] {
    words([1, 0, 1, 0, 0, 0]) + long(0x5F0F_3CF5) + words([3, 1000]) + zeros(16)
      + words([0, 0, width, 700, 0, 8, 2, 0, 0])
  }

  private var horizontalHead: [UInt8] {
    words([1, 0, 800, -200, 0, width, 0, 0, width, 1, 0, 0, 0, 0, 0, 0, 0, 3])
  }

  private var limits: [UInt8] { words([1, 0, 3, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]) }

  private var metrics: [UInt8] {
    words([0, width, 400, 5, 0, 600, 600, 0, 0, 600, 600, 0, 0, 50, 250, 0]) + zeros(10 + 16 + 4)
      + words([0x40, 0x20, 0xFFFF, 800, -200, 0, 800, 200])
  }

  /// The outline of every character: a box with a margin.
  private var outline: [UInt8] {
    let (left, right) = (width / 10, width - width / 10)
    return words([1, left, 0, right, 700, 3, 0]) + [1, 1, 1, 1]
      + words([left, 0, right - left, 0, 0, 700, 0, -700]) + zeros(2)
  }

  /// Spaces have the second glyph, and printed characters the third. All other characters have the first glyph, which
  /// is empty and as wide.
  private var characters: [UInt8] {
    let glyphs =
      [(0x20, 1)] + (0x21...0x7E).map { ($0, 2) } + [(0xA0, 1)] + (0xA1...0x17F).map { ($0, 2) }
      + (0x2010...0x2027).map { ($0, 2) }
    let groups = glyphs.flatMap { long($0.0) + long($0.0) + long($0.1) }
    return words([0, 1, 3, 10]) + long(12) + words([12, 0]) + long(16 + groups.count)
      + long(0) + long(glyphs.count) + groups
  }

  private var names: [UInt8] {
    let text = words(name.utf16.map { Int($0) })
    let records = [1, 2, 4, 6].flatMap { words([3, 1, 0x409, $0, text.count, 0]) }
    return words([0, 4, 6 + records.count]) + records + text
  }

  private static func sum(of bytes: [UInt8]) -> Int {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() { sum &+= UInt32(byte) << UInt32(24 - index % 4 * 8) }
    return Int(sum)
  }
}

/// Numbers of 16 bits, most significant byte first.
private func words(_ numbers: [Int]) -> [UInt8] {
  numbers.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
}

/// A number of 32 bits, most significant byte first.
private func long(_ number: Int) -> [UInt8] { words([number >> 16, number]) }

private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
