import AnalyticsText

extension EventFields {
  /// Returns the string to store; `nil` to leave the field out.
  ///
  /// The result of an earlier treatment (a hash, a domain, an empty string) is returned unchanged,
  /// so that importing an export gives the same rows. E-mail addresses are hashed in lower case.
  /// For undeclared strings, ``UndeclaredText`` must first determine the privacy.
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

  /// Returns the domain with its sign, such as `@example.org`. Returns `nil` for a string without
  /// `@`, which is a name rather than an address, and for one with more than a domain behind the
  /// sign.
  private func domain(of text: String) -> String? {
    if PrivacyKey.isHash(text) { return text }
    let address = text.trimmed
    guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")),
      address[at...].utf8.dropFirst().allSatisfy(UndeclaredText.isInDomain)
    else { return nil }
    return address[at...].lowercased()
  }

  /// Returns the JSON to store; `nil` if nothing of it is left.
  func treated(_ value: JSONValue, _ privacy: FieldPrivacy, under name: String) -> JSONValue? {
    let treatment = context.pointee.treatment(of: privacy)
    if treatment == .keep { return value }
    // A declaration covers the whole JSON value.
    if treatment == .omit, privacy != .undeclared { return nil }
    // Checked once for the whole value, so that most JSON is not rebuilt.
    return isKept(value, privacy, under: name) ? value : treatedWithin(value, privacy, under: name)
  }

  private func treatedWithin(
    _ value: JSONValue, _ privacy: FieldPrivacy, under name: String
  ) -> JSONValue? {
    switch value {
    case .null, .bool, .integer, .number, .exact: return value
    case .string(let text):
      return treated(text, resolved(privacy, of: text, under: name)).map(JSONValue.string)
    case .array(let items):
      let kept = items.compactMap { treatedWithin($0, privacy, under: name) }
      return kept.isEmpty && !items.isEmpty ? .none : .array(kept)
    case .object(let fields):
      var kept = JSONObject()
      for (name, value) in fields {
        guard let keptName = treated(name: name, privacy) else { continue }
        kept[keptName] = treatedWithin(value, privacy, under: name)
      }
      return kept.isEmpty && !fields.isEmpty ? .none : .object(kept)
    }
  }

  /// Whether the value can be stored unchanged.
  private func isKept(_ value: JSONValue, _ privacy: FieldPrivacy, under name: String) -> Bool {
    switch value {
    case .null, .bool, .integer, .number, .exact: true
    case .string(let text): isKept(resolved(privacy, of: text, under: name))
    case .array(let items): items.allSatisfy { isKept($0, privacy, under: name) }
    case .object(let fields):
      fields.allSatisfy { isKept(name: $0, privacy) && isKept($1, privacy, under: $0) }
    }
  }

  private func isKept(_ privacy: FieldPrivacy) -> Bool {
    context.pointee.treatment(of: privacy) == .keep
  }

  private func resolved(
    _ privacy: FieldPrivacy, of text: String, under name: String
  ) -> FieldPrivacy {
    privacy == .undeclared ? UndeclaredText.privacy(of: text, under: name) : privacy
  }
}

// MARK: - Names

extension EventFields {
  /// Returns the name to store; `nil` to leave out the name and its value.
  ///
  /// An object may be keyed by address or person, so a name that is not an identifier is treated
  /// like a string.
  func treated(name: String, _ privacy: FieldPrivacy) -> String? {
    isKept(name: name, privacy) ? name : treated(name, resolved(privacy, ofName: name))
  }

  private func isKept(name: String, _ privacy: FieldPrivacy) -> Bool {
    isKept(privacy) || Self.isIdentifier(name) || isKept(resolved(privacy, ofName: name))
  }

  private func resolved(_ privacy: FieldPrivacy, ofName name: String) -> FieldPrivacy {
    privacy == .undeclared ? UndeclaredText.privacy(ofName: name) : privacy
  }

  /// Whether a name looks like an identifier: at most 64 ASCII letters, digits, `_`, `-` and `.`,
  /// not beginning with a digit.
  private static func isIdentifier(_ name: String) -> Bool {
    let utf8 = name.utf8
    return utf8.count <= 64 && utf8.first?.isDigit != true
      && utf8.allSatisfy { byte in
        byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
      }
  }
}
