internal import AnalyticsReports
internal import AnalyticsText
internal import Crypto
package import Foundation

/// Figures of one installation, with a signature that says they are as the installation gave them.
///
/// The signature is an HMAC-SHA256 under the installation's signing key, over all other fields in
/// alphabetical order of their names, each as `name=value` and a line feed: a form that JSON and CSV
/// lead to alike, and in which no field can pass for another.
package struct StatisticsDocument: Sendable, Equatable {
  /// In the order in which they are shown.
  var fields: [Field]

  struct Field: Sendable, Equatable {
    var name: String
    var value: Value
  }

  enum Value: Sendable, Equatable {
    case text(String)
    case integer(Int)
  }

  private static let signature = "signature"
  private static let algorithm = "hmac-sha256:"

  /// What the signature is over.
  package var canonical: String {
    fields.filter { $0.name != Self.signature }
      .sorted { $0.name < $1.name }
      .map { "\($0.name)=\($0.value.plain)\n" }
      .joined()
  }

  /// The same with a signature.
  func signed(with key: [UInt8]) -> StatisticsDocument {
    var document = self
    document.fields.removeAll { $0.name == Self.signature }
    let code = HMAC<SHA256>.authenticationCode(
      for: Data(canonical.utf8), using: SymmetricKey(data: key))
    document.fields.append(
      Field(
        name: Self.signature,
        value: .text(Self.algorithm + code.map(\.hexadecimal).joined())))
    return document
  }

  /// Whether the installation signed exactly these fields.
  package func isSigned(by instance: InstanceRecord) -> Bool {
    guard case .text(let text)? = fields.first(where: { $0.name == Self.signature })?.value,
      text.begins(with: Self.algorithm),
      let code = Data(hexadecimal: text[...].dropping(Self.algorithm).utf8)
    else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      code, authenticating: Data(canonical.utf8),
      using: SymmetricKey(data: instance.signingKey))
  }
}

extension StatisticsDocument {
  var json: JSON {
    .object(
      fields.map { field in
        switch field.value {
        case .text(let text): (field.name, .string(text))
        case .integer(let number): (field.name, .integer(number))
        }
      })
  }

  /// A line of names, a line of values; none needs quotes.
  var csv: String {
    fields.map { CSVText.field($0.name) }.joined(separator: ",") + "\r\n"
      + fields.map { CSVText.field($0.value.plain) }.joined(separator: ",") + "\r\n"
  }

  /// Reads what ``json`` or ``csv`` gave; `nil` if it is neither.
  package init?(_ data: Data) {
    if let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] {
      fields = []
      for (name, value) in object {
        switch value {
        case let text as String: fields.append(Field(name: name, value: .text(text)))
        case let number as Int: fields.append(Field(name: name, value: .integer(number)))
        default: return nil
        }
      }
      return
    }
    let lines = String(decoding: data, as: UTF8.self).replacing("\r", by: "").split(at: "\n")
    let cells = lines.map { $0.split(at: ",", omittingEmpty: false) }
    guard cells.count == 2, cells[0].count == cells[1].count, cells[0].count > 1,
      Set(cells[0].map { ExactString(String($0)) }).count == cells[0].count
    else { return nil }
    fields = zip(cells[0], cells[1]).map { name, value in
      Field(name: String(name), value: .text(String(value)))
    }
  }
}

extension StatisticsDocument.Value {
  fileprivate var plain: String {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    }
  }
}

extension UInt8 {
  /// In two digits.
  var hexadecimal: String {
    (self < 16 ? "0" : "") + String(self, radix: 16)
  }
}

extension Data {
  fileprivate init?(hexadecimal text: some Sequence<UInt8>) {
    let digits = text.map(\.hexadecimalDigit)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    self.init(bytes)
  }
}
