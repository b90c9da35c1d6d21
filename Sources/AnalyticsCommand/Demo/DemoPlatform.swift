/// The services of the simulated platform, and what they offer.
enum DemoPlatform {
  /// The environment of all simulated events.
  static let environment = "simulated"

  static let providers = ["github", "gitlab", "linear", "slack"]
  static let commands = ["make all", "swift build", "swift test", "npm ci", "terraform plan"]
  static let errors = ["UpstreamTimeout", "PoolExhausted", "DecodingError"]

  /// A route of one of the services.
  struct Route: Sendable {
    let service: String
    let method: String
    let pattern: String
    /// The median duration of an answer, in milliseconds.
    let median: Double
    /// The standard deviation of the duration's logarithm.
    var spread = 0.5
    /// The fraction of requests that fail in the service.
    var failures = 0.004

    static let signIn = Route(service: "auth", method: "POST", pattern: "/sessions", median: 85)
    static let createTask = Route(
      service: "platform", method: "POST", pattern: "/tasks", median: 42)
    static let createProject = Route(
      service: "platform", method: "POST", pattern: "/projects", median: 55)
    static let connect = Route(
      service: "integrations", method: "POST", pattern: "/integrations/{provider}", median: 240,
      spread: 0.8, failures: 0.02)

    /// The routes that people browse.
    static let pages = [
      Route(service: "platform", method: "GET", pattern: "/projects", median: 18),
      Route(service: "platform", method: "GET", pattern: "/projects/{id}", median: 14),
      Route(service: "platform", method: "GET", pattern: "/tasks", median: 31, spread: 0.7),
      Route(service: "platform", method: "GET", pattern: "/tasks/{id}", median: 11),
      Route(service: "platform", method: "GET", pattern: "/tasks/{id}/log", median: 60, spread: 1),
      Route(service: "auth", method: "GET", pattern: "/users/{id}", median: 7),
      Route(service: "cocoons", method: "GET", pattern: "/cocoons", median: 22),
      Route(
        service: "integrations", method: "GET", pattern: "/integrations", median: 35, spread: 0.9,
        failures: 0.01),
      Route(
        service: "platform", method: "GET", pattern: "/search", median: 130, spread: 0.9,
        failures: 0.01),
    ]
  }
}
