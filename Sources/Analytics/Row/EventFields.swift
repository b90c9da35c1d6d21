#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Writes the fields of one event in the format that PostgreSQL reads.
///
/// An event's `encode(to:)` calls ``add(_:_:)-(StaticString,Int)`` and its overloads once for each
/// field, in any order. Names must be distinct and in snake_case. An optional without a value adds
/// nothing. No call allocates memory, except for strings that are hashed and for JSON that the
/// privacy preset changes.
public struct EventFields: ~Copyable {
  var writer: RowWriter
  /// The client's values, borrowed for one call of `track`: the caller keeps the ``RowContext``
  /// alive that long. Because the type is noncopyable and passed `inout`, the pointer cannot
  /// outlive the call.
  private(set) var context: UnsafePointer<RowContext.Values>
  private var dataStart: UnsafeMutableRawPointer

  init(writer: consuming RowWriter, context: UnsafePointer<RowContext.Values>) {
    dataStart = writer.cursor
    self.writer = writer
    self.context = context
  }

  /// Adds an integer.
  public mutating func add(_ name: StaticString, _ value: Int) {
    addName(name)
    writer.decimal(Int64(value))
  }

  /// Adds an integer, if there is one.
  public mutating func add(_ name: StaticString, _ value: Int?) {
    if let value { add(name, value) }
  }

  /// Adds a duration. A negative duration, as a clock that was set back produces, makes the event
  /// invalid, because no percentile could include it.
  public mutating func add(duration name: StaticString, _ value: Int) {
    if value < 0 { writer.refuse() }
    add(name, value)
  }

  /// Adds a duration, if there is one.
  public mutating func add(duration name: StaticString, _ value: Int?) {
    if let value { add(duration: name, value) }
  }

  /// Adds a floating-point number. NaN and infinities become `null`, because JSON cannot express
  /// them.
  public mutating func add(_ name: StaticString, _ value: Double) {
    addName(name)
    writer.double(value)
  }

  /// Adds a floating-point number, if there is one.
  public mutating func add(_ name: StaticString, _ value: Double?) {
    if let value { add(name, value) }
  }

  /// Adds a Boolean value.
  public mutating func add(_ name: StaticString, _ value: Bool) {
    addName(name)
    writer.ascii(value ? "true" : "false")
  }

  /// Adds a Boolean value, if there is one.
  public mutating func add(_ name: StaticString, _ value: Bool?) {
    if let value { add(name, value) }
  }

  /// Adds a UUID as a lower-case string.
  public mutating func add(_ name: StaticString, _ value: UUID) {
    addName(name)
    writer.quoted(value)
  }

  /// Adds a UUID, if there is one.
  public mutating func add(_ name: StaticString, _ value: UUID?) {
    if let value { add(name, value) }
  }

  /// Adds an instant as an RFC 3339 string in UTC.
  public mutating func add(_ name: StaticString, _ value: EventTimestamp) {
    add(name, value.description, .plain)
  }

  /// Adds a string, treated according to its privacy and the client's preset: see ``FieldPrivacy``.
  /// Declare strings that say nothing about a person as ``FieldPrivacy/plain``; otherwise the
  /// strict preset hashes them or leaves them out.
  ///
  /// U+0000 becomes U+FFFD, because `jsonb` cannot hold it.
  public mutating func add(
    _ name: StaticString, _ value: String, _ privacy: FieldPrivacy = .undeclared
  ) {
    // A string that is kept is written directly: returning it from `treated` would cost reference
    // counting.
    if privacy == .plain || context.pointee.treatment(of: privacy) == .keep {
      addName(name)
      writer.quoted(value)
    } else if privacy == .undeclared {
      add(name, value, UndeclaredText.privacy(of: value, under: name))
    } else if let treated = treated(value, privacy) {
      addName(name)
      writer.quoted(treated)
    }
  }

  /// Adds a string, if there is one.
  public mutating func add(
    _ name: StaticString, _ value: String?, _ privacy: FieldPrivacy = .undeclared
  ) {
    if let value { add(name, value, privacy) }
  }

  /// Adds a JSON value, if there is one. Strings inside it are treated according to `privacy`.
  public mutating func add(
    _ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy = .undeclared
  ) {
    guard let value, let treated = treated(value, privacy, under: name.description) else { return }
    addName(name)
    writer.json(treated)
  }
}

// MARK: - Beginning and completing the row

extension EventFields {
  /// Writes all columns before `data` and starts `data`. Called once, before any field.
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
    if let user {
      writer.uuid(user)
    } else if let user = context.pointee.user {
      writer.uuid(user)
    } else {
      writer.null()
    }
    writer.bytes(context.pointee.origin.start, context.pointee.origin.count)
    dataStart = writer.cursor
    // Placeholder for the length, and the version of jsonb's format. Every field starts with a
    // comma; `end()` replaces the first comma with the object's opening brace.
    writer.raw(UInt32(0))
    writer.raw(UInt8(1))
  }

  /// Completes the row: closes the JSON object, and fills in the length of `data` and the opening
  /// brace.
  ///
  /// The two stores at `dataStart` are inside the memory: without a failure, at least six bytes
  /// were written there.
  mutating func end() {
    if writer.cursor == dataStart + 5 { writer.raw(UInt8(ascii: ",")) }
    writer.raw(UInt8(ascii: "}"))
    guard writer.failure == nil else { return }
    let length = UInt32(writer.cursor - dataStart - 4)
    JSONText.store(UInt8(ascii: "{"), dataStart + 5)
    // Last: if the page reaches the device before this store, the row is recognised as incomplete.
    JSONText.store(length.bigEndian, dataStart)
  }

  /// Runs the body with another user and service for an event that names none.
  ///
  /// `defaults` and `column` are valid for as long as the body runs; the original context is
  /// restored afterwards.
  mutating func withDefaults(
    user: UUID?, service: String?, _ body: (inout EventFields) -> Void
  ) {
    let own = context
    var defaults = own.pointee
    defaults.user = user ?? defaults.user
    let column = service.map { EncodedColumns($0) }
    defaults.service = column ?? defaults.service
    withUnsafePointer(to: defaults) { defaults in
      context = defaults
      body(&self)
      context = own
    }
    column?.start.deallocate()
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
