internal import AnalyticsPostgres
internal import AnalyticsText

/// A condition on a property of an event.
public struct PropertyCondition: Hashable, Sendable {
  /// How a property is compared.
  public enum Comparison: Hashable, Sendable {
    /// It is this text; numbers and truth values are compared as JSON writes them.
    case equals(String)
    /// It is another, or absent.
    case differs(String)
    /// It is a number, and this holds of it. What JSON has as a text, such as `"200"`, is no number.
    case number(Order, PropertyNumber)
    case isPresent
    case isAbsent
  }

  /// How two numbers are compared.
  public enum Order: String, Hashable, Sendable {
    case above = ">"
    case atLeast = ">="
    case below = "<"
    case atMost = "<="
  }

  /// What is compared.
  public var property: EventProperty
  /// How.
  public var comparison: Comparison

  /// Makes a condition.
  public init(_ property: EventProperty, _ comparison: Comparison) {
    self.property = property
    self.comparison = comparison
  }

  /// Reads `name=value`, `name!=value`, `name>number`, `name>=number`, `name<number`, `name<=number`,
  /// `name` (present) or `!name` (absent); names are those of ``EventProperty/init(_:)``.
  ///
  /// A name or a value in double quotes is taken as it is; a quote in it is written twice. One without is
  /// taken without blanks at its ends, and a value does not begin with one of `= ! < > ~`.
  ///
  /// - Throws: ``ReportError/Code/invalidParameter``, of the parameter `where`.
  public init(_ text: String) throws(ReportError) {
    var scanner = ConditionScanner(text, parameter: "where", isList: false)
    try self.init(&scanner)
    guard scanner.isAtEnd else { throw scanner.refusal("it goes on behind its end") }
  }

  init(_ scanner: inout ConditionScanner) throws(ReportError) {
    let isAbsent = scanner.take("!")
    let name = try scanner.word(endsAtSigns: true)
    guard !name.isEmpty else { throw scanner.refusal("it has no name") }
    property = EventProperty(name)
    guard let sign = scanner.signs() else {
      comparison = isAbsent ? .isAbsent : .isPresent
      return
    }
    guard !isAbsent else { throw scanner.refusal("it has two signs: did you mean name!=value?") }
    let value = try scanner.word(endsAtSigns: false)
    switch sign {
    case "=": comparison = .equals(value)
    case "!=": comparison = .differs(value)
    default:
      guard let order = Order(rawValue: sign) else { throw scanner.refusal(ofSign: sign) }
      guard case .field = property else {
        throw scanner.refusal("\(property.name) is no number, so it takes = and != alone")
      }
      guard let number = PropertyNumber(value) else {
        throw scanner.refusal("\(sign) compares numbers, and \(value.quoted) is none")
      }
      comparison = .number(order, number)
    }
  }
}

extension PropertyCondition: CustomStringConvertible {
  /// As ``init(_:)`` takes it, and a step of a funnel.
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
  /// Of the event `e`.
  var sql: SQL {
    switch comparison {
    case .equals(let value): "\(property.sql) = \(stored(value))"
    case .differs(let value): "\(property.sql) IS DISTINCT FROM \(stored(value))"
    case .number(let order, let number): sql(order, number)
    case .isPresent: "\(property.sql) IS NOT NULL"
    case .isAbsent: "\(property.sql) IS NULL"
    }
  }

  /// CASE, since the server may otherwise cast what is no number before it looks at the type.
  private func sql(_ order: Order, _ number: PropertyNumber) -> SQL {
    guard case .field(let name) = property else { return "false" }
    let value: SQL = "(e.data->\(name))"
    return """
      CASE WHEN jsonb_typeof(\(value)) = 'number'
           THEN \(value)::numeric \(order.sql) \(number.description)::numeric ELSE false END
      """
  }

  /// An id may be written in capitals.
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

/// A number that properties are compared with: digits, perhaps with a sign, a point and an exponent.
public struct PropertyNumber: Hashable, Sendable, LosslessStringConvertible {
  /// As it was written: PostgreSQL compares all digits.
  public let description: String

  /// More digits no number needs, and PostgreSQL does not take 131,073.
  private static let bytesMax = 1000
  /// As for numbers of events.
  private static let exponentMax = 400

  /// - Returns: `nil` for what is no number, has more than 1,000 bytes or an exponent beyond ±400.
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
