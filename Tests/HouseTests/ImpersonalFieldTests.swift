import EventCatalogue
import Testing

/// When a user is erased, numbers, truth values and impersonal fields of their events stay. The SQL function
/// `analytics_impersonal_fields` lists the impersonal ones of the catalogue, for all types of events at once.
@Suite("Fields that stay when a user is erased")
struct ImpersonalFieldTests {
  @Test("are the ids and the plain texts of the catalogue")
  func asInCatalogue() throws {
    let fields = Self.impersonalFields()
    let (path, listed) = try Self.listedFields()
    let (missing, excess) = (fields.subtracting(listed), listed.subtracting(fields))
    #expect(
      missing.isEmpty,
      """
      \(missing.sorted()) are ids or plain texts in the catalogue, but missing in \(path), so an \
      erasure removes them: add a migration that replaces analytics_impersonal_fields with them
      """)
    #expect(
      excess.isEmpty,
      """
      \(excess.sorted()) are listed in \(path), so an erasure keeps them, but the catalogue lacks \
      them or has personal texts of these names: add a migration that replaces \
      analytics_impersonal_fields without them
      """)
  }

  /// The names of fields that are ids or plain texts in each event that has them. The columns are not among them: an
  /// erasure empties `user_id` itself, and `service` is no member of `data`.
  private static func impersonalFields() -> Set<String> {
    let fields = catalogue.flatMap(\.events).flatMap(\.fields).filter { !$0.isColumn }
    let impersonal = fields.filter { $0.kind == .id || $0.privacy == .plain }
    // The function does not ask for the event, so a text that is personal in one event is so in all.
    let personal = fields.filter { $0.privacy != nil && $0.privacy != .plain }
    return Set(impersonal.map(\.wireName)).subtracting(personal.map(\.wireName))
  }

  /// The newest migration that defines the function, and the names that it lists.
  private static func listedFields() throws -> (path: String, names: Set<String>) {
    let definition = #/CREATE .*FUNCTION analytics_impersonal_fields\(/#
    let files = Repository.files(in: "Sources/AnalyticsStore/Migrations") { $0.hasSuffix(".sql") }
    let newest = files.last { $0.text.contains(definition) }
    let migration = try #require(newest)
    let head = try #require(migration.text.firstMatch(of: definition))
    let list = try #require(
      migration.text[head.range.upperBound...].prefixMatch(
        of: #/[^$]*\$function\$[^$]*?ARRAY\[([^\]]*)\]/#),
      "\(migration.path): the function has no `ARRAY[…]` of names")
    return (migration.path, Set(list.1.matches(of: #/'(\w+)'/#).map { String($0.1) }))
  }
}
