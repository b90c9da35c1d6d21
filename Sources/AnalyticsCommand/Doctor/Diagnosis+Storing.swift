/// Verdicts on causes that keep events from being stored or reported.
extension Diagnosis {
  static func storing(_ facts: StoringFacts) -> [Finding] {
    [settings(facts), subscriptions(facts), refused(facts)]
  }

  private static func settings(_ facts: StoringFacts) -> Finding {
    guard !facts.settings.isEmpty else {
      return .ok("settings", "none of roles or the database that stops storing")
    }
    return .fail(
      "settings", "keep events from being stored: \(facts.settings.joined(separator: "; "))",
      "ALTER ROLE … [IN DATABASE …] RESET …, or ALTER DATABASE … RESET …")
  }

  private static func subscriptions(_ facts: StoringFacts) -> Finding {
    guard !facts.subscriptions.isEmpty else { return .ok("subscriptions", "none writes here") }
    return .warn(
      "subscriptions",
      "\(facts.subscriptions.joined(separator: ", ")): replication writes events with the triggers off, and reports "
        + "lack them",
      "let it write elsewhere; `analytics rollups refresh` brings in what has come, and `analytics rollups verify` "
        + "says what is still missing")
  }

  private static func refused(_ facts: StoringFacts) -> Finding {
    guard let refused = facts.refused else {
      return .ok("refused events", "not looked at: only the owner may")
    }
    return refused == 0
      ? .ok("refused events", "none")
      : .warn(
        "refused events", "\(refused.grouped) are kept apart",
        "see `analytics dead-letters`, mend the cause, then `analytics dead-letters retry`")
  }

  static func trial(_ trial: Trial) -> Finding {
    switch trial {
    case .busy(let reason): .warn("storing", reason, "look again in a moment")
    case .stored: .ok("storing", "an event was stored and taken back")
    case .suppressed:
      .fail(
        "storing", "an event was passed over without an error",
        "look for a trigger on analytics_events that returns NULL")
    case .refused(let reason):
      .fail("storing", reason, "mend that: until then no event is stored")
    }
  }

  /// - Parameter events: The number of events in unknown batches; `nil` without the privilege to
  ///   read it.
  static func batches(unknown events: Int?) -> Finding {
    guard let events else { return .ok("batches", "not looked at: only the owner may") }
    return events == 0
      ? .ok("batches", "each is rolled up or pending")
      : .fail(
        "batches",
        "\(events.grouped) events were stored with the triggers off and are in no report",
        "run `analytics rollups refresh`")
  }
}
