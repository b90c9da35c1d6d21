import Foundation

/// What adi-analytics answers with, as a client has it that was written for that: the structures of its source, member by
/// member. What is not optional there is not optional here.
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

  /// Instants are RFC 3339; a day alone is none.
  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }
}
