#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Takes the fields of one event and writes them where PostgreSQL will read them.
///
/// An event's `encode(to:)` calls ``add(_:_:)-(StaticString,Int)`` and its siblings once a field, in any order,
/// with names that are distinct and written in snake_case. An optional without a value adds
/// nothing. Nothing here allocates, except where a text is hashed and within JSON that is treated.
public struct EventFields: ~Copyable {
  var writer: RowWriter
  /// Borrowed from the client for the duration of one `track`.
  private(set) var context: UnsafePointer<RowContext.Values>
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
    add(name, value.description, .plain)
  }

  /// Adds a text, treated as its privacy and the client's preset ask: see ``FieldPrivacy``. Declare
  /// what says nothing about a person ``FieldPrivacy/plain``: otherwise strict mode hashes it or leaves it out.
  ///
  /// U+0000, which `jsonb` refuses, becomes U+FFFD.
  public mutating func add(
    _ name: StaticString, _ value: String, _ privacy: FieldPrivacy = .undeclared
  ) {
    // What is kept is written from where it is: to return it would count references.
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

  /// Adds a text, if there is one.
  public mutating func add(
    _ name: StaticString, _ value: String?, _ privacy: FieldPrivacy = .undeclared
  ) {
    if let value { add(name, value, privacy) }
  }

  /// Adds any JSON, if there is some. Texts inside it are treated as `privacy` asks.
  public mutating func add(
    _ name: StaticString, _ value: JSONValue?, _ privacy: FieldPrivacy = .undeclared
  ) {
    guard let value, let treated = treated(value, privacy, under: name.description) else { return }
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
    if let user {
      writer.uuid(user)
    } else if let user = context.pointee.user {
      writer.uuid(user)
    } else {
      writer.null()
    }
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

  /// Runs the body with another user and another service for events that name none.
  mutating func lending(
    user: UUID?, service: String?, _ body: (inout EventFields) -> Void
  ) {
    let own = context
    var lent = own.pointee
    lent.user = user ?? lent.user
    let column = service.map { EncodedColumns($0) }
    lent.service = column ?? lent.service
    withUnsafePointer(to: lent) { lent in
      context = lent
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
