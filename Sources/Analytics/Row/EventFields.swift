#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Takes the fields of one event and writes them where PostgreSQL will read them.
///
/// An event's `encode(to:)` calls ``add(_:_:)-(StaticString,Int)`` and its siblings once a field, in any order,
/// with names that are distinct and written in snake_case. An optional without a value adds
/// nothing. Nothing here allocates, except where a text is hashed.
public struct EventFields: ~Copyable {
  var writer: RowWriter
  /// Borrowed from the client for the duration of one `track`.
  let context: UnsafePointer<RowContext.Values>
  private var dataStart: UnsafeMutableRawPointer

  init(writer: consuming RowWriter, context: UnsafePointer<RowContext.Values>) {
    dataStart = writer.cursor
    self.writer = writer
    self.context = context
  }

  /// Adds a whole number.
  public mutating func add(_ name: StaticString, _ value: Int) {
    addName(name)
    writer.decimal(Int64(value))
  }

  /// Adds a whole number, if there is one.
  public mutating func add(_ name: StaticString, _ value: Int?) {
    if let value { add(name, value) }
  }

  /// Adds a duration. A negative one, as a clock that was set back gives, makes the event invalid:
  /// no percentile could hold it.
  public mutating func add(duration name: StaticString, _ value: Int) {
    if value < 0 { writer.refuse() }
    add(name, value)
  }

  /// Adds a duration, if there is one.
  public mutating func add(duration name: StaticString, _ value: Int?) {
    if let value { add(duration: name, value) }
  }

  /// Adds a floating-point number; JSON has no NaN and no infinities, so they become `null`.
  public mutating func add(_ name: StaticString, _ value: Double) {
    addName(name)
    writer.double(value)
  }

  /// Adds a floating-point number, if there is one.
  public mutating func add(_ name: StaticString, _ value: Double?) {
    if let value { add(name, value) }
  }

  /// Adds `true` or `false`.
  public mutating func add(_ name: StaticString, _ value: Bool) {
    addName(name)
    writer.ascii(value ? "true" : "false")
  }

  /// Adds `true` or `false`, if there is either.
  public mutating func add(_ name: StaticString, _ value: Bool?) {
    if let value { add(name, value) }
  }

  /// Adds a UUID, as a string in lower case.
  public mutating func add(_ name: StaticString, _ value: UUID) {
    addName(name)
    writer.quoted(value)
  }

  /// Adds a UUID, if there is one.
  public mutating func add(_ name: StaticString, _ value: UUID?) {
    if let value { add(name, value) }
  }

  /// Adds an instant, as RFC 3339 in UTC.
  public mutating func add(_ name: StaticString, _ value: EventTimestamp) {
    add(name, value.description)
  }

  /// Adds a text, treated as its privacy and the client's preset ask.
  ///
  /// U+0000, which `jsonb` refuses, becomes U+FFFD.
  public mutating func add(
    _ name: StaticString, _ value: String, _ privacy: FieldPrivacy = .plain
  ) {
    if privacy == .plain {
      addName(name)
      writer.quoted(value)
    } else if let treated = treated(value, privacy) {
      addName(name)
      writer.quoted(treated)
    }
  }

  /// Adds a text, if there is one.
  public mutating func add(
    _ name: StaticString, _ value: String?, _ privacy: FieldPrivacy = .plain
  ) {
    if let value { add(name, value, privacy) }
  }

  /// Adds any JSON, if there is some. Texts inside it are treated as `privacy` asks.
  public mutating func add(
    _ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy = .plain
  ) {
    guard let value, let treated = treated(value, privacy) else { return }
    addName(name)
    writer.json(treated)
  }
}

// MARK: - The row around the fields

extension EventFields {
  /// Writes all columns before `data`, and opens it. Called once, first.
  mutating func begin(type: StaticString, user: UUID?, service: String?) {
    writer.text(type)
    beginAfterType(user: user, service: service)
  }

  mutating func begin(type: String, user: UUID?, service: String?) {
    writer.text(type)
    beginAfterType(user: user, service: service)
  }

  private mutating func beginAfterType(user: UUID?, service: String?) {
    if let service { writer.text(service) } else { writer.name(column: context.pointee.service) }
    if let user { writer.uuid(user) } else { writer.null() }
    writer.bytes(context.pointee.origin.start, context.pointee.origin.count)
    dataStart = writer.cursor
    // A length to be filled in, and jsonb's version. Every field begins with a comma; the first of
    // them becomes the object's brace in the end.
    writer.raw(UInt32(0))
    writer.raw(UInt8(1))
  }

  /// Closes the row.
  mutating func end() {
    if writer.cursor == dataStart + 5 { writer.raw(UInt8(ascii: ",")) }
    writer.raw(UInt8(ascii: "}"))
    guard writer.failure == nil else { return }
    let length = UInt32(writer.cursor - dataStart - 4)
    JSONText.store(length.bigEndian, dataStart)
    JSONText.store(UInt8(ascii: "{"), dataStart + 5)
  }

  mutating func add(name: String, json: JSONValue) {
    writer.raw(UInt8(ascii: ","))
    writer.quoted(name)
    writer.raw(UInt8(ascii: ":"))
    writer.json(json)
  }

  @inline(__always)
  private mutating func addName(_ name: StaticString) { writer.name(name) }
}

// MARK: - Privacy

extension EventFields {
  /// The text to store; `nil` to leave the field out.
  ///
  /// What an earlier treatment left (a hash, a domain, nothing) passes unchanged, so that an export
  /// imported again gives the same rows. Addresses are the same in upper and lower case.
  private func treated(_ text: String, _ privacy: FieldPrivacy) -> String? {
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

  private func treated(_ value: JSONValue, _ privacy: FieldPrivacy) -> JSONValue? {
    switch context.pointee.treatment(of: privacy) {
    case .keep: value
    case .omit: nil
    case .hash, .domain:
      switch value {
      case .string(let text): treated(text, privacy).map(JSONValue.string)
      case .array(let items): .array(items.compactMap { treated($0, privacy) })
      case .object(let fields): .object(fields.compactMapValues { treated($0, privacy) })
      case .null, .bool, .integer, .number: value
      }
    }
  }
}
