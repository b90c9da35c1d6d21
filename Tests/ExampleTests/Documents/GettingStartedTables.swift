import AnalyticsStore

extension ExampleService {
  func tables() async throws {
    let database = try AnalyticsDatabase(url: databaseURL)
    try await Migrator(database).apply()
  }
}
