import AnalyticsText

extension EventFields {
  /// The text to store; `nil` to leave the field out.
  ///
  /// What an earlier treatment left (a hash, a domain, nothing) passes unchanged, so that an export
  /// imported again gives the same rows. Addresses are the same in upper and lower case.
  func treated(_ text: String, _ privacy: FieldPrivacy) -> String? {
    switch context.pointee.treatment(of: privacy) {
    case .keep: text
    case .hash:
      text.isEmpty
        ? nil
        : PrivacyKey.isHash(text)
          ? text
          : context.pointee.key?.hash(privacy == .email ? text.lowercased() : text)
    case .domain: domain(of: text)
    case .omit: nil
    }
  }

  /// `@example.org`. A text without the sign is somebody's name rather than an address: left out.
  private func domain(of address: String) -> String? {
    if PrivacyKey.isHash(address) { return address }
    guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
    return address[at...].lowercased()
  }

  /// What to store of a declared field of any JSON; `nil` to leave it out.
  func treated(_ value: JSONValue, _ privacy: FieldPrivacy) -> JSONValue? {
    context.pointee.treatment(of: privacy) == .omit ? nil : treatedWithin(value, privacy)
  }

  /// The value with each text in it treated; `nil` where nothing is left of it.
  private func treatedWithin(_ value: JSONValue, _ privacy: FieldPrivacy) -> JSONValue? {
    guard context.pointee.treatment(of: privacy) != .keep else { return value }
    switch value {
    case .null, .bool, .integer, .number, .exact: return value
    case .string(let text): return treated(text, privacy).map(JSONValue.string)
    case .array(let items):
      let kept = items.compactMap { treatedWithin($0, privacy) }
      return kept.isEmpty && !items.isEmpty ? .none : .array(kept)
    case .object(let fields):
      let kept = treatedFields(fields, privacy)
      return kept.isEmpty && !fields.isEmpty ? .none : .object(kept)
    }
  }

  /// The fields with each text in them treated, without those of which nothing is left.
  ///
  /// An object may be a table by address or by person, so a name that is no identifier is a text as well.
  func treatedFields(_ fields: JSONObject, _ privacy: FieldPrivacy) -> JSONObject {
    guard context.pointee.treatment(of: privacy) != .keep else { return fields }
    var kept = JSONObject()
    for (name, value) in fields {
      guard let name = Self.isIdentifier(name) ? name : treated(name, privacy) else { continue }
      kept[name] = treatedWithin(value, privacy)
    }
    return kept
  }

  /// Whether a name is one that programmers give: up to 64 letters, digits, `_`, `-` and `.` of ASCII, the
  /// first of them no digit.
  private static func isIdentifier(_ name: String) -> Bool {
    let utf8 = name.utf8
    return utf8.count <= 64 && utf8.first?.isDigit != true
      && utf8.allSatisfy { byte in
        byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      }
  }
}
