package import AnalyticsPostgres
internal import AnalyticsText

// How definitions read in SQL, over events `e` as `Rollup.events(from:where:membersOf:)` has them.

extension Dimension {
  /// The column's name, quoted.
  package var sql: SQL { .identifier(name) }

  /// Its value as the event has it; what is kept may be ``other``. Bytes are compared faster than a language's
  /// letters, and need no order among them.
  package var expression: SQL {
    "left(coalesce(\(source.text), ''), \(literal: Self.charactersMax)) COLLATE \"C\""
  }
}

extension Source {
  /// The member that a distinct measure keeps; NULL where it is absent.
  package var member: SQL {
    self == .userID
      ? "e.user_id" : "left(\(text), \(literal: Dimension.charactersMax)) COLLATE \"C\""
  }

  /// Whose numbers its values have: of users, or of texts of this kind.
  package var kind: String {
    switch self {
    case .eventType: "event_type"
    case .service: "service"
    case .environment: "environment"
    case .userID: "user_id"
    case .field(let field): "data.\(field)"
    }
  }

  /// Joins that find the ``number`` by which sets know a member.
  ///
  /// - Parameters:
  ///   - member: Of the rows before.
  ///   - areFew: Whether each is looked up by the index, whatever the planner takes them for.
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

  /// Joins that find the ``member`` of a number.
  package func joins(toNumber number: SQL) -> SQL {
    """
    LEFT JOIN (\(kept)) AS _kept ON _kept.number = \(number)
    LEFT JOIN (\(pending)) AS _pending ON _pending.number = \(number)
    """
  }

  /// What joins find; NULL if nothing.
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

  /// As a row of events has it.
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
  /// Its value over a group of events; empty if it is distinct.
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

  /// The fields whose numbers it needs.
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
  /// Over one event.
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
  /// The field of this name as a number that rollups count.
  var number: SQL { "e.\(numberColumn)" }
  var numberColumn: SQL { .identifier("number of \(self)") }
}
