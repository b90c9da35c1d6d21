import Foundation

/// The answers of adi-analytics, as one of its clients decodes them. The structures have the members of those in its
/// source. A member that is required there is required here.
enum Upstream {
  struct OverviewStats: Decodable {
    var totalUsers, activeUsersToday, activeUsersWeek, activeUsersMonth: Int64
    var totalTasks, tasksToday: Int64
    var taskSuccessRate: Double
    var totalCocoons, activeCocoons, totalIntegrations: Int64
  }

  struct DailyActiveUsers: Decodable {
    var day: Date
    var activeUsers, totalEvents: Int64
  }

  struct TaskStats: Decodable {
    var day: Date
    var created, started, completed, failed, cancelled: Int64
    var avgDurationMs, p95DurationMs: Double?
    var successRate: Double
  }

  struct TaskStatsOverview: Decodable {
    var totalCreated, totalCompleted, totalFailed, totalCancelled: Int64
    var successRate, avgDurationMs: Double
  }

  struct EndpointLatency: Decodable {
    var hour: Date
    var service, endpoint, method: String
    var requestCount: Int64
    var avgDurationMs, p50DurationMs, p95DurationMs, p99DurationMs: Double
    var error4XxCount, error5XxCount: Int64
  }

  /// Instants are in RFC 3339. A date without a time is not accepted.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }
}
