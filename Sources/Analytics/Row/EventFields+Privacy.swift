import AnalyticsText

extension EventFields {
  /// The text to store; `nil` to leave the field out.
  ///
  /// What an earlier treatment left (a hash, a domain, nothing) passes unchanged, so that an export
  /// imported again gives the same rows. Addresses are the same in upper and lower case. For what is
  /// undeclared ``UndeclaredText`` decides beforehand.
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

  /// What to store of any JSON; `nil` where nothing is left of it.
  func treated(_ value: JSONValue, _ privacy: FieldPrivacy, under name: String) -> JSONValue? {
    let treatment = context.pointee.treatment(of: privacy)
    if treatment == .keep { return value }
    // Who declares JSON to be private means all of it.
    if treatment == .omit, privacy != .undeclared { return nil }
    switch value {
    case .null, .bool, .integer, .number, .exact: return value
    case .string(let text):
      let privacy =
        privacy == .undeclared ? UndeclaredText.privacy(of: text, under: name) : privacy
      return treated(text, privacy).map(JSONValue.string)
    case .array(let items):
      let kept = items.compactMap { treated($0, privacy, under: name) }
      return kept.isEmpty && !items.isEmpty ? .none : .array(kept)
    case .object(let fields):
      var kept = JSONObject()
      for (name, value) in fields {
        guard let keptName = treated(name: name, privacy) else { continue }
        kept[keptName] = treated(value, privacy, under: name)
      }
      return kept.isEmpty && !fields.isEmpty ? .none : .object(kept)
    }
  }

  /// The name to store; `nil` to leave it out with what stands under it.
  ///
  /// An object may be a table by address or by person, so a name that is no identifier is a text as well.
  func treated(name: String, _ privacy: FieldPrivacy) -> String? {
    if context.pointee.treatment(of: privacy) == .keep || Self.isIdentifier(name) { return name }
    return treated(name, privacy == .undeclared ? UndeclaredText.privacy(ofName: name) : privacy)
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
