package import AnalyticsConnections
internal import AnalyticsText
internal import Crypto
internal import Foundation

/// The statistics of an installation, with a signature that shows they are unchanged.
///
/// The signature is an HMAC-SHA256 under the installation's signing key, over all other fields in
/// alphabetical order of their names, each as `name=value` and a line feed. JSON and CSV lead to
/// the same form, and no field can be mistaken for another in it.
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

  /// The text that is signed.
  package var canonical: String {
    fields.filter { $0.name != Self.signature }
      .sorted { ExactString($0.name) < ExactString($1.name) }
      .map { "\($0.name)=\($0.value.plain)\n" }
      .joined()
  }

  /// Returns the document with a new signature.
  func signed(with key: [UInt8]) -> StatisticsDocument {
    var document = self
    document.fields.removeAll { $0.name == Self.signature }
    let code = HMAC<SHA256>.authenticationCode(
      for: Data(canonical.utf8), using: SymmetricKey(data: key))
    document.fields.append(
      Field(name: Self.signature, value: .text(Self.algorithm + Hexadecimal.text(code))))
    return document
  }

  /// Whether the installation signed exactly these fields.
  package func isSigned(by instance: InstanceRecord) -> Bool {
    guard case .text(let text)? = fields.first(where: { $0.name == Self.signature })?.value,
      text.begins(with: Self.algorithm),
      let code = Hexadecimal.bytes(text[...].dropping(Self.algorithm))
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

  /// A line of names and a line of values.
  var csv: String {
    fields.map { CSVText.field($0.name) }.joined(separator: ",") + "\r\n"
      + fields.map { CSVText.field($0.value.plain) }.joined(separator: ",") + "\r\n"
  }
}

extension StatisticsDocument.Value {
  /// The value as CSV and the signature write it.
  var plain: String {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    }
  }
}
