internal import AnalyticsPostgres
internal import AnalyticsText

/// A condition on a property of an event.
public struct PropertyCondition: Hashable, Sendable {
  /// How a property is compared.
  public enum Comparison: Hashable, Sendable {
    /// The property is this text. Numbers and truth values are compared as JSON writes them.
    case equals(String)
    /// The property is another text, or absent.
    case differs(String)
    /// The property is a number that satisfies this comparison. A text in JSON, such as `"200"`, is
    /// not a number.
    case number(Order, PropertyNumber)
    /// The event has the property, and its value is not `null`.
    case isPresent
    /// The event does not have the property, or its value is `null`.
    case isAbsent
  }

  /// How two numbers are compared.
  public enum Order: String, Hashable, Sendable {
    /// The property is greater than the number.
    case above = ">"
    /// The property is greater than the number or equal to it.
    case atLeast = ">="
    /// The property is less than the number.
    case below = "<"
    /// The property is less than the number or equal to it.
    case atMost = "<="
  }

  /// The property that is compared.
  public var property: EventProperty
  /// How the property is compared.
  public var comparison: Comparison

  /// Makes a condition.
  public init(_ property: EventProperty, _ comparison: Comparison) {
    self.property = property
    self.comparison = comparison
  }

  /// Parses `name=value`, `name!=value`, `name>number`, `name>=number`, `name<number`,
  /// `name<=number`, `name` (present) or `!name` (absent), with names as ``EventProperty/init(_:)``
  /// takes them.
  ///
  /// A name or value in double quotes is taken as it is; a quote in it is written twice. Without
  /// quotes, blanks at both ends are dropped, and a value must not begin with one of `= ! < > ~`.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, with the parameter `where`.
  public init(_ text: String) throws(ReportError) {
    var scanner = ConditionScanner(text, parameter: "where", isList: false)
    try self.init(&scanner)
    guard scanner.isAtEnd else {
      throw scanner.refusal("there is text after the end of the condition")
    }
  }

  init(_ scanner: inout ConditionScanner) throws(ReportError) {
    let isAbsent = scanner.take("!")
    let name = try scanner.word(endsAtSigns: true)
    guard !name.isEmpty else { throw scanner.refusal("the name of a property is missing") }
    property = EventProperty(name)
    guard let sign = scanner.signs() else {
      comparison = isAbsent ? .isAbsent : .isPresent
      return
    }
    guard !isAbsent else {
      throw scanner.refusal("it has two operators: did you mean name!=value?")
    }
    let value = try scanner.word(endsAtSigns: false)
    switch sign {
    case "=": comparison = .equals(value)
    case "!=": comparison = .differs(value)
    default:
      guard let order = Order(rawValue: sign) else { throw scanner.refusal(ofSign: sign) }
      guard case .field = property else {
        throw scanner.refusal("\(property.name) is not a number, so only = and != can compare it")
      }
      guard let number = PropertyNumber(value) else {
        throw scanner.refusal("\(sign) compares numbers, and \(value.quoted) is not a number")
      }
      comparison = .number(order, number)
    }
  }
}

extension PropertyCondition: CustomStringConvertible {
  /// The condition, in the form that ``init(_:)`` and a step of a funnel take.
  public var description: String {
    let name = ConditionScanner.written(property.name, isName: true)
    return switch comparison {
    case .equals(let value): "\(name)=\(ConditionScanner.written(value))"
    case .differs(let value): "\(name)!=\(ConditionScanner.written(value))"
    case .number(let order, let number): "\(name)\(order.rawValue)\(number)"
    case .isPresent: name
    case .isAbsent: "!\(name)"
    }
  }
}

extension PropertyCondition {
  /// The condition on an event `e` in SQL.
  var sql: SQL {
    switch comparison {
    case .equals(let value): "\(property.sql) = \(stored(value))"
    case .differs(let value): "\(property.sql) IS DISTINCT FROM \(stored(value))"
    case .number(let order, let number): sql(order, number)
    case .isPresent: "\(property.sql) IS NOT NULL"
    case .isAbsent: "\(property.sql) IS NULL"
    }
  }

  /// CASE is necessary, because the server may otherwise cast a value before it checks its type.
  private func sql(_ order: Order, _ number: PropertyNumber) -> SQL {
    guard case .field(let name) = property else { return "false" }
    let value: SQL = "(e.data->\(name))"
    return """
      CASE WHEN jsonb_typeof(\(value)) = 'number'
           THEN \(value)::numeric \(order.sql) \(number.description)::numeric ELSE false END
      """
  }

  /// Returns the value as it is stored. Ids may be given in upper case.
  private func stored(_ value: String) -> String {
    property == .userID ? value.asciiLowercased : value
  }
}

extension PropertyCondition.Order {
  fileprivate var sql: SQL {
    switch self {
    case .above: ">"
    case .atLeast: ">="
    case .below: "<"
    case .atMost: "<="
    }
  }
}

/// A number to compare properties with: digits, optionally with a sign, a point and an exponent.
public struct PropertyNumber: Hashable, Sendable, LosslessStringConvertible {
  /// The number as written. PostgreSQL compares all digits.
  public let description: String

  /// The maximum length. No number needs more digits, and PostgreSQL does not take 131,073.
  private static let bytesMax = 1000
  /// The maximum exponent, the same as for numbers in events.
  private static let exponentMax = 400

  /// - Returns: `nil` if the text is not a number, has more than 1,000 bytes, or has an exponent
  ///   beyond ±400.
  public init?(_ text: String) {
    guard text.utf8.count <= Self.bytesMax else { return nil }
    var rest = Substring(text)
    if rest.begins(with: "-") || rest.begins(with: "+") { rest = rest.dropping("+") }
    let lower = rest.asciiLowercased
    let (mantissa, exponent) = lower.cut(at: "e") ?? (lower[...], "0")
    let (whole, fraction) = mantissa.cut(at: ".") ?? (mantissa, "0")
    guard whole.isDigits, fraction.isDigits else { return nil }
    let size =
      exponent.begins(with: "-") || exponent.begins(with: "+")
      ? exponent.dropping("+") : exponent
    guard size.isDigits, let power = Int(size), power <= Self.exponentMax else { return nil }
    description = text
  }
}
