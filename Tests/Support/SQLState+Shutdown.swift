package import AnalyticsPostgres

extension SQLState {
  /// The server ended the session, because it stops or because an administrator asked for it.
  package static let adminShutdown = SQLState(rawValue: "57P01")
}
