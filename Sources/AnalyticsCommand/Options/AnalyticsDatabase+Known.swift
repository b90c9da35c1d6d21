import AnalyticsConnections
import AnalyticsInterchange
import AnalyticsReports

extension AnalyticsDatabase {
  /// Refuses event types and services that no event ever had, and suggests the names that were
  /// probably meant.
  ///
  /// Other failures are ignored here: the command itself will run into them and report them.
  func requireKnown(_ filter: EventFilter) async throws {
    let services = [filter.service].compactMap(\.self)
    guard !filter.types.isEmpty || !services.isEmpty else { return }
    do {
      try await ReportDatabase(self, connectionsMax: 1).check(
        eventTypes: filter.types, services: services)
    } catch  where error.code == .invalidParameter {
      throw CommandError(error.description)
    } catch {}
  }
}
