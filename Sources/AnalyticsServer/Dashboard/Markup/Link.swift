/// A path of this server with what stands behind the question mark.
enum Link {
  static func to(_ path: String, _ query: [(String, String)] = []) -> String {
    guard !query.isEmpty else { return path }
    return path + "?" + query.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
  }

  /// In the order of names, so that the same question always has the same address.
  static func to(_ path: String, _ query: [String: [String]]) -> String {
    to(path, query.sorted { $0.key < $1.key }.flatMap { item in item.value.map { (item.key, $0) } })
  }

  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: ":"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
