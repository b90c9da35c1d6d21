/// A text that equals another only if both have the same bytes, as PostgreSQL compares texts.
///
/// `String` compares by canonical equivalence: `é` as one scalar equals `é` as two. So a dictionary
/// with keys of type `String` merges rows that the database keeps apart. Use this type for keys
/// that come from events, the database or a request.
package struct ExactString: Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }
}

extension ExactString: Hashable {
  package static func == (left: Self, right: Self) -> Bool { left.text.isSame(as: right.text) }

  package func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
}

extension ExactString: Comparable {
  /// Orders by bytes, as `COLLATE "C"` does.
  package static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension ExactString: ExpressibleByStringInterpolation {
  package init(stringLiteral text: String) { self.init(text) }
}

extension ExactString: CustomStringConvertible {
  package var description: String { text }
}

extension StringProtocol {
  /// Whether both texts have the same bytes.
  package func isSame(as other: some StringProtocol) -> Bool {
    utf8.withContiguousStorageIfAvailable { left in
      other.utf8.withContiguousStorageIfAvailable { right in
        left.count == right.count && left.elementsEqual(right)
      }
    }.flatMap(\.self) ?? utf8.elementsEqual(other.utf8)
  }

  /// Feeds the bytes to a hasher, and then an end mark that no UTF-8 contains.
  package func hashBytes(into hasher: inout Hasher) {
    let isDone: Void? = utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isDone == nil { for byte in utf8 { hasher.combine(byte) } }
    hasher.combine(UInt8.max)
  }
}
