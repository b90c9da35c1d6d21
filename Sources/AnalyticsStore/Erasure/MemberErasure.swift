internal import AnalyticsPostgres
internal import Foundation

/// Statements that remove a person from the tables which number the members of sets: the user, and
/// texts that name the person.
///
/// Numbers are never reused. If a set still held a number of the person, that number would stand
/// for no member.
struct MemberErasure {
  let user: UUID
  /// A regular expression that matches the person's texts.
  let pattern: String

  /// The steps that run first, while the tables still tell who had which number.
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
      // A text keeps its number if no other text equals what is left of it.
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

  /// A query for the texts that name the person, with what is left after erasing the person; NULL
  /// if nothing is left.
  private var rests: SQL {
    """
    SELECT kind, number, analytics_erased_text(member, \(pattern)) COLLATE "C" AS member
    FROM \(Members.keptTexts) WHERE member ~* \(pattern)
    """
  }

  /// Returns the last steps: delete texts that are in no set any more.
  func dropLost(from sets: [SetErasure]) -> [RollupErasure.Step] {
    sets.compactMap(\.keepStillUsedTexts).map { .init(table: nil, sql: $0) } + [
      .init(
        table: Members.keptTexts.description,
        sql: """
          DELETE FROM \(Members.keptTexts) AS kept USING analytics_lost AS l
          WHERE l.kind = kept.kind AND l.number = kept.number
          """)
    ]
  }
}
