/// Quotes words of a command line for a POSIX shell.
package enum ShellText {
  /// Returns a command and its arguments, in quotes where they need them.
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
