internal import AnalyticsPostgres
internal import Foundation

/// How the dictionaries behind the sets forget a person: the user, and texts that name them.
///
/// Numbers are not given again, so what a set might still have of somebody would be nobody's.
struct MemberErasure {
  let user: UUID
  /// A regular expression that finds the person's texts.
  let pattern: String

  /// While it is still known who had which number.
  var forget: [RollupErasure.Step] {
    [
      .init(
        table: nil,
        sql: """
          INSERT INTO analytics_forgotten
          SELECT 'user_id', number FROM \(Members.keptUsers) WHERE user_id = \(user)
          """),
      .init(
        table: nil,
        sql: """
          UPDATE \(Members.keptFirstDays) AS kept
          SET numbers = kept.numbers - int4multirange(int4range(u.number, u.number + 1))
          FROM \(Members.keptUsers) AS u WHERE u.user_id = \(user) AND u.first_day = kept.first_day
          """),
      .init(table: nil, sql: "DELETE FROM \(Members.keptFirstDays) WHERE numbers = '{}'"),
      .init(
        table: Members.keptUsers.description,
        sql: "DELETE FROM \(Members.keptUsers) WHERE user_id = \(user)"),
      // A text keeps its number, if none has what is left of it.
      .init(
        table: Members.keptTexts.description,
        sql: """
          UPDATE \(Members.keptTexts) AS kept SET member = rest.member
          FROM (SELECT DISTINCT ON (kind, member) * FROM (\(rests)) AS r
                WHERE member IS NOT NULL
                  AND NOT EXISTS (SELECT FROM \(Members.keptTexts) AS k
                                  WHERE k.kind = r.kind AND k.member = r.member)
                ORDER BY kind, member, number) AS rest
          WHERE kept.kind = rest.kind AND kept.number = rest.number
          """),
      .init(
        table: nil,
        sql: """
          INSERT INTO analytics_forgotten
          SELECT r.kind, r.number, k.number
          FROM (\(rests)) AS r LEFT JOIN \(Members.keptTexts) AS k USING (kind, member)
          """),
      .init(
        table: Members.keptTexts.description,
        sql: """
          DELETE FROM \(Members.keptTexts) AS kept USING analytics_forgotten AS f
          WHERE f.kind = kept.kind AND f.number = kept.number
          """),
    ]
  }

  /// Of the texts that name the person: what is left without them, NULL for nothing.
  private var rests: SQL {
    """
    SELECT kind, number, analytics_erased_text(member, \(pattern)) COLLATE "C" AS member
    FROM \(Members.keptTexts) WHERE member ~* \(pattern)
    """
  }

  /// At the end: texts that no set has any more.
  func dropLost(from sets: [SetErasure]) -> [RollupErasure.Step] {
    sets.compactMap(\.find).map { .init(table: nil, sql: $0) } + [
      .init(
        table: Members.keptTexts.description,
        sql: """
          DELETE FROM \(Members.keptTexts) AS kept USING analytics_lost AS l
          WHERE l.kind = kept.kind AND l.number = kept.number
          """)
    ]
  }
}
