internal import HTTPTypes

/// The path, the title and the question of a page.
struct PageHead: Sendable {
  var path: String
  var title: String
  var question: String
  /// Whether the page has a range, which links to it have to pass on.
  var isOfRange = true

  static let usage = PageHead(
    path: DashboardRoutes.usagePath, title: "Usage",
    question: "What was counted in this period and in earlier ones?", isOfRange: false)
  static let explore = PageHead(
    path: DashboardRoutes.explorePath, title: "Explore",
    question: "Ask anything of any event: by property, in steps, over time.")
  static let timeline = PageHead(
    path: DashboardRoutes.timelinePath, title: "Timeline",
    question: "What did one user do? Newest first.", isOfRange: false)
  static let live = PageHead(
    path: DashboardRoutes.livePath, title: "Live", question: "What is happening now?",
    isOfRange: false)
  static let pipeline = PageHead(
    path: DashboardRoutes.pipelinePath, title: "Pipeline", question: "Does every event arrive?",
    isOfRange: false)

  /// Stands in for a page that does not exist or may not be named.
  static func nothing(at path: String, because problem: Problem) -> PageHead {
    PageHead(
      path: path, title: problem.status.reasonPhrase, question: "This page cannot be shown.",
      isOfRange: false)
  }
}
