import AnalyticsStore
import AnalyticsText

/// Verdicts on causes that keep events from being stored or reported.
extension Diagnosis {
  static func storing(_ facts: StoringFacts) -> [Finding] {
    [settings(facts), subscriptions(facts), refused(facts)]
  }

  private static func settings(_ facts: StoringFacts) -> Finding {
    guard !facts.settings.isEmpty else {
      return .ok("settings", "no setting stops storing")
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
      "let it write elsewhere; `analytics rollups refresh` adds the events that came, and "
        + "`analytics rollups verify` lists what is still missing")
  }

  private static func refused(_ facts: StoringFacts) -> Finding {
    guard let refused = facts.refused else {
      return .ok("refused events", "not checked: only the owner of the tables may")
    }
    return refused == 0
      ? .ok("refused events", "none")
      : .warn(
        "refused events", refused.counted("is", "are") + " dead-lettered",
        "see `analytics dead-letters`, repair the cause, then `analytics dead-letters retry`")
  }

  static func trial(_ trial: StoringTrial) -> Finding {
    switch trial {
    case .busy(let reason): .warn("storing", reason, "run doctor again in a moment")
    case .stored: .ok("storing", "an event was stored and rolled back")
    case .suppressed:
      .fail(
        "storing", "an event was not stored, without an error",
        "look for a trigger on analytics_events that returns NULL")
    case .refused(let reason):
      .fail("storing", reason, "fix this: until then no event is stored")
    }
  }

  /// - Parameter events: The number of events in unknown batches; `nil` without the privilege to
  ///   read it.
  static func batches(unknown events: Int?) -> Finding {
    guard let events else { return .ok("batches", "not checked: only the owner of the tables may") }
    return events == 0
      ? .ok("batches", "each is rolled up or waits for it")
      : .fail(
        "batches",
        events.counted("event was", "events were")
          + " stored with the triggers off, and no report counts \(events == 1 ? "it" : "them")",
        "run `analytics rollups refresh`")
  }
}
