package import AnalyticsPostgres
internal import AnalyticsText

// SQL expressions of a rollup's definition. The events have the alias `e`, as in
// `Rollup.events(from:where:membersOf:)`.

extension Dimension {
  /// The column's name, quoted.
  package var sql: SQL { .identifier(name) }

  /// The value as the event has it, cut to ``charactersMax`` characters. The stored value may
  /// be ``other`` instead. The "C" collation compares bytes, which is faster than comparing by the
  /// rules of a language. The order of the values does not matter.
  package var expression: SQL {
    "left(coalesce(\(source.text), ''), \(literal: Self.charactersMax)) COLLATE \"C\""
  }
}

extension Source {
  /// The value that a distinct measure counts; NULL if the event has none.
  package var member: SQL {
    self == .userID
      ? "e.user_id" : "left(\(text), \(literal: Dimension.charactersMax)) COLLATE \"C\""
  }

  /// The name of the number space of these values: `user_id` for users, otherwise the kind of text.
  /// Each kind of text has numbers of its own.
  package var kind: String {
    switch self {
    case .eventType: "event_type"
    case .service: "service"
    case .environment: "environment"
    case .userID: "user_id"
    case .field(let field): "data.\(field)"
    }
  }

  /// Returns joins that look up the number of a member. Select ``number`` to read it.
  ///
  /// - Parameters:
  ///   - member: The expression for the member in the rows before the joins.
  ///   - areFew: Whether to look up each member by index, whatever number of rows the planner
  ///     expects.
  package func joins(to member: SQL, areFew: Bool = false) -> SQL {
    let known: SQL =
      areFew
      ? "LATERAL (SELECT k.number FROM (\(kept)) AS k WHERE k.member = \(member) OFFSET 0) AS _kept ON true"
      : "(\(kept)) AS _kept ON _kept.member = \(member)"
    return """
      LEFT JOIN \(known)
      LEFT JOIN (\(pending)) AS _pending ON _pending.member = \(member)
      """
  }

  /// Returns joins that look up the member with a given number. Select ``member`` to read it.
  package func joins(toNumber number: SQL) -> SQL {
    """
    LEFT JOIN (\(kept)) AS _kept ON _kept.number = \(number)
    LEFT JOIN (\(pending)) AS _pending ON _pending.number = \(number)
    """
  }

  /// The number that ``joins(to:areFew:)`` looked up; NULL if there is none.
  package static let number: SQL = "coalesce(_kept.number, _pending.number)"
  package static let member: SQL = "coalesce(_kept.member, _pending.member)"

  private var kept: SQL {
    self == .userID
      ? "SELECT user_id AS member, number FROM analytics_user_numbers"
      : "SELECT member, number FROM analytics_member_numbers WHERE kind = \(literal: kind)"
  }

  private var pending: SQL {
    self == .userID
      ? "SELECT user_id AS member, number FROM analytics_pending_users() WHERE kept_day IS NULL"
      : "SELECT member, number FROM analytics_pending_members() WHERE kind = \(literal: kind)"
  }

  fileprivate var text: SQL { text(of: "e") }

  /// Returns the value of this source in a row of events.
  package func text(of event: SQL) -> SQL {
    switch self {
    case .eventType: "\(event).event_type"
    case .service: "\(event).service"
    case .environment: "\(event).environment"
    case .userID: "\(event).user_id::text"
    case .field(let field): "(\(event).data->>\(literal: field))"
    }
  }
}

extension Measure {
  /// The aggregate that computes the measure over a group of events; empty for a distinct measure.
  package var expression: SQL {
    switch kind {
    case .count: "count(*)\(filter())"
    case .sum(let field): "coalesce(sum(\(field.number))\(filter()), 0)"
    case .max(let field): "max(\(field.number))\(filter())"
    case .sample(let field):
      "min(left(e.data->>\(literal: field), 500) COLLATE \"C\")\(filter())"
    case .first(let field):
      "min(\(FirstValue.entry("left(e.data->>\(literal: field), 500)", at: "e.timestamp")))\(filter())"
    case .histogram(let field):
      """
      analytics_histogram_compact(array_agg(analytics_histogram_entry(\(field.number)))\(
        filter("\(field.number) IS NOT NULL")))
      """
    case .distinct: ""
    }
  }

  private func filter(_ extra: SQL? = nil) -> SQL {
    let conditions = [condition?.sql, extra].compactMap(\.self)
    return conditions.isEmpty ? "" : " FILTER (WHERE \(conditions.joined(separator: " AND ")))"
  }

  /// The fields that the measure reads as numbers.
  var numbers: Set<ExactString> {
    let own: Set<ExactString> =
      switch kind {
      case .sum(let field), .max(let field), .histogram(let field): [ExactString(field)]
      case .count, .distinct, .sample, .first: []
      }
    return own.union(condition?.numbers ?? [])
  }
}

extension Condition {
  /// The condition on one event `e`.
  package var sql: SQL {
    switch self {
    case .type(let types) where types.count == 1: "e.event_type = \(literal: types[0])"
    case .type(let types): "e.event_type IN (\(types.map(SQL.literal).joined(separator: ", ")))"
    case .hasUser: "e.user_id IS NOT NULL"
    case .isTrue(let field): "e.data->\(literal: field) = 'true'"
    case .isFalse(let field): "e.data->\(literal: field) = 'false'"
    case .between(let field, let lower, let upper):
      "\(field.number) BETWEEN \(literal: lower) AND \(literal: upper)"
    case .hasNumber(let field): "\(field.number) IS NOT NULL"
    case .all(let parts): "(\(parts.map(\.sql).joined(separator: " AND ")))"
    case .any(let parts): "(\(parts.map(\.sql).joined(separator: " OR ")))"
    }
  }

  fileprivate var numbers: Set<ExactString> {
    switch self {
    case .type, .hasUser, .isTrue, .isFalse: []
    case .between(let field, _, _), .hasNumber(let field): [ExactString(field)]
    case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.numbers) }
    }
  }
}

extension String {
  /// The field of this name as a number: a column of ``Rollup/events(from:where:membersOf:)``.
  var number: SQL { "e.\(numberColumn)" }
  var numberColumn: SQL { .identifier("number of \(self)") }
}
