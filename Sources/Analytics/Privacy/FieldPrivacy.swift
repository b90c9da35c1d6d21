/// What a string field can reveal about a person, declared where the field is encoded.
///
/// The client's ``PrivacyPreset`` decides what is stored:
///
/// | privacy | `full` | `standard` | `strict` |
/// |---|---|---|---|
/// | ``plain`` | as given | as given | as given |
/// | ``freeText`` | as given | as given | hash, or left out |
/// | ``email`` | as given | hash, or the domain alone | hash, or left out |
/// | ``hashed`` | hash, or left out | hash, or left out | hash, or left out |
/// | ``secret`` | left out | left out | left out |
/// | ``undeclared``, an e-mail address | as given | hash, or the domain alone | hash, or left out |
/// | ``undeclared``, another text | as given | as given | hash, or left out |
///
/// "the domain alone" is `@example.org`. "hash" is the keyed hash of ``PrivacyKey``; what follows
/// "or" applies if no key is configured.
///
/// If a preset changes a JSON value, numbers, booleans, `null` and identifiers among the names are
/// kept. Names that are not identifiers are treated like strings, because an object may be keyed by
/// address or by person. A declared JSON field whose strings are left out is left out as a whole;
/// an ``undeclared`` one keeps its numbers and booleans. If two names become the same, the last
/// value is stored.
public enum FieldPrivacy: UInt8, Sendable, CaseIterable {
  /// A string that says nothing about a person, such as an action, a provider or a route pattern.
  case plain
  /// A string that may contain personal data by accident, such as a command, a name or an error
  /// message.
  case freeText
  /// An e-mail address.
  case email
  /// A string that identifies a person and is only compared for equality.
  case hashed
  /// A string that must never reach a database, such as a token or an OAuth `state`.
  case secret
  /// A string without a declared privacy. This is the default of ``EventFields``, and applies to
  /// all fields that come by name: those of a ``DynamicEvent`` and the additional fields of
  /// ``AnalyticsEvent/extended(_:with:)``.
  ///
  /// The string is treated as an ``email`` if the whole string looks like one (`ada@example.org`),
  /// or if its field name (in JSON, the nearest name) ends in the word `email` or `mail`,
  /// optionally followed by `address` (`user_email`, `e-mail`, `emailAddress`). Any other string is
  /// treated as ``freeText``, even if it contains an address. Declare personal data as ``email``,
  /// ``hashed`` or ``secret``.
  case undeclared
}

/// How much personal data of events is stored. See ``FieldPrivacy`` for the table.
public enum PrivacyPreset: String, Sendable, CaseIterable {
  /// Stores strings as given, except that secrets are left out and ``FieldPrivacy/hashed`` fields
  /// are hashed or left out.
  case full
  /// The default. E-mail addresses are hashed or reduced to their domain.
  case standard
  /// Free text is hashed or left out as well.
  case strict
}

/// How one string is treated.
enum FieldTreatment: Sendable {
  case keep
  case hash
  case domain
  case omit
}

extension PrivacyPreset {
  func treatment(of privacy: FieldPrivacy, hasKey: Bool) -> FieldTreatment {
    switch (privacy, self) {
    case (.plain, _), (.freeText, .full), (.freeText, .standard), (.email, .full): .keep
    case (.email, .standard): hasKey ? .hash : .domain
    case (.freeText, .strict), (.email, .strict), (.hashed, _): hasKey ? .hash : .omit
    // The strictest treatment possible; `UndeclaredText` determines the actual privacy of each
    // string.
    case (.undeclared, _): treatment(of: .email, hasKey: hasKey)
    case (.secret, _): .omit
    }
  }
}
