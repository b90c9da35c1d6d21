/// Reads CSV byte by byte, as RFC 4180 defines it.
package enum CSVReader {
  /// The rows, each a list of cells.
  package static func rows(_ bytes: some Sequence<UInt8>) -> [[[UInt8]]] {
    var rows: [[[UInt8]]] = []
    var row: [[UInt8]] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var rest = Array(bytes)[...]
    while let byte = rest.popFirst() {
      switch (byte, isQuoted) {
      case (UInt8(ascii: "\""), true) where rest.first == byte:
        cell.append(byte)
        rest = rest.dropFirst()
      case (UInt8(ascii: "\""), _): isQuoted.toggle()
      case (UInt8(ascii: ","), false):
        row.append(cell)
        cell = []
      case (UInt8(ascii: "\r"), false) where rest.first == UInt8(ascii: "\n"):
        rest = rest.dropFirst()
        rows.append(row + [cell])
        (row, cell) = ([], [])
      default: cell.append(byte)
      }
    }
    return rows
  }
}
