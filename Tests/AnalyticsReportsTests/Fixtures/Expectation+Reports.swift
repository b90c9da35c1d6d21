import AnalyticsReports

extension Expectation {
  static func of(
    _ types: Set<String>, by fields: [String] = [],
    _ values: @escaping @Sendable ([Fact]) -> [Expected]
  ) -> Expectation {
    Expectation(
      dimensions: fields.count,
      group: { fact in
        guard types.contains(fact.type) else { return nil }
        return fields.map { $0 == "service" ? fact.service : fact.texts[$0] ?? "" }
      }, values: values)
  }

  static let eventsByType = Expectation(
    dimensions: 1, group: { [$0.type] },
    values: { [.exactly($0.count), .exactly($0.count { $0.user != nil })] })

  static let tasks = of(
    ["task_created", "task_started", "task_completed", "task_failed", "task_cancelled"]
  ) { facts in
    let completed = facts.filter { $0.type == "task_completed" }
    let ended = completed.count + facts.number("task_failed")
    let durations = completed.numbers("duration_ms")
    return [
      facts.count("task_created"), facts.count("task_started"), .exactly(completed.count),
      facts.count("task_failed"), facts.count("task_cancelled"), .average(of: durations),
      .percentile(50, of: durations), .percentile(95, of: durations),
      .ratio(completed.count, of: ended),
    ]
  }

  static func latency(by fields: [String]) -> Expectation {
    of(["api_request"], by: fields) { facts in
      let durations = facts.numbers("duration_ms")
      let status = facts.numbers("status_code")
      let errors = [400...499, 500...599].map { range in status.count { range.contains($0) } }
      return [
        .exactly(facts.count), .average(of: durations), .percentile(50, of: durations),
        .percentile(99, of: durations), .percentile(99.9, of: durations), .exactly(errors[0]),
        .exactly(errors[1]), .ratio(errors[0], of: facts.count),
        .ratio(errors[1], of: facts.count),
      ]
    }
  }

  static let integrations = of(
    [
      "integration_connected", "integration_disconnected", "integration_used",
      "integration_error",
    ], by: ["provider"]
  ) { facts in
    let errors = facts.number("integration_error")
    return [
      facts.count("integration_connected"), facts.count("integration_disconnected"),
      facts.count("integration_used"), .exactly(errors), .exactly(facts.users.count),
      .ratio(errors, of: errors + facts.number("integration_used")),
    ]
  }

  static let authentication = of(
    ["auth_login_attempt", "auth_code_verified", "auth_token_refresh"]
  ) { facts in
    let attempts = facts.filter { $0.type == "auth_login_attempt" }
    let successes = attempts.count { $0.flags["success"] == true }
    return [
      .exactly(attempts.count), .exactly(successes),
      .exactly(attempts.count { $0.flags["success"] == false }),
      facts.count("auth_code_verified"), facts.count("auth_token_refresh"),
      .exactly(facts.filter { $0.flags["success"] == true }.users.count),
      .ratio(successes, of: attempts.count),
    ]
  }

  static let cocoons = of(
    ["cocoon_registered", "cocoon_connected", "cocoon_disconnected", "cocoon_claimed"]
  ) { facts in
    [
      facts.count("cocoon_registered"), facts.count("cocoon_connected"),
      facts.count("cocoon_disconnected"), facts.count("cocoon_claimed"),
      .average(of: facts.numbers("duration_seconds")),
      .exactly(Set(facts.compactMap { $0.texts["cocoon_id"] }).count),
    ]
  }

  static let errors = of(["application_error"], by: ["service", "error_type"]) { facts in
    [
      .exactly(facts.count), .exactly(facts.users.count),
      .text(
        facts.filter { $0.texts["error_message"] != nil }
          .map { ($0.instant, $0.texts["error_message"] ?? "") }.min { $0 < $1 }?.1),
    ]
  }

  static let databaseQueries = of(["database_query"], by: ["service", "query_type"]) { facts in
    let durations = facts.numbers("duration_ms")
    return [
      .exactly(facts.count), .exactly(facts.numbers("rows_affected").reduce(0, +)),
      .average(of: durations), .percentile(50, of: durations), .percentile(95, of: durations),
      .percentile(99, of: durations),
    ]
  }

  static let webhooks = of(["webhook_received", "webhook_processed"], by: ["provider"]) { facts in
    let processed = facts.filter { $0.type == "webhook_processed" }
    let failed = processed.count { $0.flags["success"] == false }
    let durations = processed.numbers("duration_ms")
    return [
      facts.count("webhook_received"), .exactly(processed.count), .exactly(failed),
      .ratio(failed, of: processed.count), .average(of: durations),
      .percentile(50, of: durations), .percentile(95, of: durations),
      .percentile(99, of: durations),
    ]
  }

  static let environments = Expectation(
    dimensions: 1, group: { $0.environment.map { [$0] } }, values: { [.exactly($0.count)] })

  /// All reports by name, each with its query and its expectation.
  ///
  /// - Parameter origin: The origin of the events that count. The facts must be those of this origin.
  static func all(
    _ frame: TimeFrame, of origin: Origin = Origin()
  ) -> [(report: any Report, expectation: Expectation)] {
    func made<Made>(_ report: Made, _ change: (inout Made) -> Void) -> Made {
      var report = report
      change(&report)
      return report
    }
    let percentiles = ["50", "99", "99.9"].compactMap(Percentile.init)
    let latency = made(RollupQuery(.apiLatency, frame: frame)) {
      $0.percentiles = percentiles
      $0.origin = origin
    }
    return [
      (made(RollupQuery(.eventsByType, frame: frame)) { $0.origin = origin }, .eventsByType),
      (
        made(RollupQuery(.tasks, frame: frame)) {
          $0.percentiles = [.p50, .p95]
          $0.origin = origin
        }, .tasks
      ),
      (latency, .latency(by: [])),
      (
        made(latency) { $0.groups = ["service", "endpoint", "method"] },
        .latency(by: ["service", "endpoint", "method"])
      ),
      (made(RollupQuery(.integrations, frame: frame)) { $0.origin = origin }, .integrations),
      (made(RollupQuery(.authentication, frame: frame)) { $0.origin = origin }, .authentication),
      (made(RollupQuery(.cocoons, frame: frame)) { $0.origin = origin }, .cocoons),
      (made(RollupQuery(.errors, frame: frame)) { $0.origin = origin }, .errors),
      (made(RollupQuery(.databaseQueries, frame: frame)) { $0.origin = origin }, .databaseQueries),
      (made(RollupQuery(.webhooks, frame: frame)) { $0.origin = origin }, .webhooks),
      (made(Environments(frame: frame)) { $0.origin = origin }, .environments),
    ]
  }
}
