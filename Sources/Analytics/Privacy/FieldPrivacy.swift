/// What a text field can give away about a person, declared where the field is encoded.
///
/// The ``PrivacyPreset`` in force decides what is stored for each of these.
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
/// "the domain alone" is `@example.org`. "hash" is the keyed hash of ``PrivacyKey``; what follows "or" applies where no key is configured.
///
/// Of JSON that is not stored as given, numbers, booleans, `null` and names stay, but for names that are no
/// identifiers, which are treated like texts: an object may be a table by address or by person. A declared
/// field of JSON is left out as a whole where its texts are; of an ``undeclared`` one numbers and booleans
/// stay also then. Names that have become the same are one: the last of their values is stored.
public enum FieldPrivacy: UInt8, Sendable, CaseIterable {
  /// Says nothing about a person: an action, a provider, a route pattern.
  case plain
  /// May say something by accident: a command, a name, an error text.
  case freeText
  /// An e-mail address.
  case email
  /// Identifies a person, and only equality matters.
  case hashed
  /// Must never reach a database: a token, an OAuth `state`.
  case secret
  /// No privacy is declared for it: the default of ``EventFields``, and all fields that come by name, those of
  /// a ``DynamicEvent`` and the further ones of ``AnalyticsEvent/extended(_:with:)``.
  ///
  /// It is an e-mail address if it looks like one as a whole (`ada@example.org`), or if the name that it
  /// stands under, the nearest one in JSON, ends in the word `email` or `mail`, also with `address` behind it
  /// (`user_email`, `e-mail`, `emailAddress`). Anything else is ``freeText``, also a text with an address
  /// somewhere in it. Declare what is about people ``email``, ``hashed`` or ``secret``.
  case undeclared
}

/// How much of what events say about people is stored. See ``FieldPrivacy`` for the table.
public enum PrivacyPreset: String, Sendable, CaseIterable {
  /// Everything as the application gives it, secrets excepted.
  case full
  /// The default: e-mail addresses are hashed or cut to their domain.
  case standard
  /// Free text, too, is hashed or left out.
  case strict
}

/// What is done with one text.
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
    // The most that is done: what is done to a text is up to `UndeclaredText`.
    case (.undeclared, _): treatment(of: .email, hasKey: hasKey)
    case (.secret, _): .omit
    }
  }
}
