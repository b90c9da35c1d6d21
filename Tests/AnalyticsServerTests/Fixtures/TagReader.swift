/// Reads HTML byte by byte as the standard's tokenizer does. It finds the tags and attributes that a browser sees, and
/// the text between them.
struct TagReader {
  private(set) var tags: Set<String> = []
  private(set) var attributes: Set<String> = []
  /// The text and the values of the attributes, with resolved character references.
  private(set) var content: [UInt8] = []
  private var rest: ArraySlice<UInt8>

  init(_ html: [UInt8]) {
    rest = html[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "<"), let next = rest.first else {
        content.append(byte)
        continue
      }
      if next == UInt8(ascii: "!") {
        _ = take { $0 != UInt8(ascii: ">") }
        rest = rest.dropFirst()
      } else if next == UInt8(ascii: "/") || Self.isLetter(next) {
        readTag()
      } else {
        content.append(byte)
      }
    }
    content = Self.resolved(content)
  }

  private mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let taken = rest.prefix(while: isWanted)
    rest = rest.dropFirst(taken.count)
    return taken
  }

  private mutating func readTag() {
    tags.insert(text(take { !Self.isSpace($0) && $0 != UInt8(ascii: ">") }))
    while true {
      _ = take { Self.isSpace($0) || $0 == UInt8(ascii: "/") }
      guard let byte = rest.first else { return }
      if byte == UInt8(ascii: ">") {
        rest = rest.dropFirst()
        return
      }
      readAttribute()
    }
  }

  private mutating func readAttribute() {
    let name = take { !Self.isSpace($0) && !"/>=".utf8.contains($0) }
    attributes.insert(text(name))
    // A single sign is a name of one byte.
    if name.isEmpty { rest = rest.dropFirst() }
    _ = take(while: Self.isSpace)
    guard rest.first == UInt8(ascii: "=") else { return }
    rest = rest.dropFirst()
    _ = take(while: Self.isSpace)
    guard let quote = rest.first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      content += take { !Self.isSpace($0) && $0 != UInt8(ascii: ">") }
      return
    }
    rest = rest.dropFirst()
    content += take { $0 != quote }
    rest = rest.dropFirst()
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func resolved(_ bytes: [UInt8]) -> [UInt8] {
    let entities = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
    var rest = bytes[...]
    var result: [UInt8] = []
    while let byte = rest.first {
      let entity =
        byte == UInt8(ascii: "&") ? entities.first { rest.starts(with: $0.key.utf8) } : nil
      result += entity.map { Array($0.value.utf8) } ?? [byte]
      rest = rest.dropFirst(entity?.key.utf8.count ?? 1)
    }
    return result
  }
}
