/// Words of a command line, as a POSIX shell reads them.
package enum ShellText {
  /// A command and its arguments, in quotes where they need them.
  package static func line(_ words: [String]) -> String {
    words.map(word).joined(separator: " ")
  }

  private static func word(_ text: String) -> String {
    text.isEmpty || !text.utf8.allSatisfy(isPlain)
      ? "'\(text.replacing("'", by: "'\\''"))'" : text
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || "-_./:=,+@%".utf8.contains(byte)
  }
}
