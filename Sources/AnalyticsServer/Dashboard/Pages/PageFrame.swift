/// The parts that all pages have: head, navigation, pickers, and a problem if there is one.
struct PageFrame {
  var head: PageHead
  /// The pages in the navigation.
  var pages: [PageHead]
  /// The parameters of the range in links to other pages.
  var query: [(String, String)] = []
  /// `nil` for pages without a range.
  var pickers: RangeForm?
  var problem: Problem?
  /// Whether the browser has a session that can be ended.
  var canSignOut: Bool

  /// The whole page. The deferred script blocks rendering: otherwise content that is already
  /// visible would move while the rest of the page arrives.
  func html(_ content: HTML) -> HTML {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    \(Self.referrer)
    <meta name="color-scheme" content="light dark">
    <title>\(head.title) · usage</title>
    <link rel="icon" href="\(Asset.icon.path)">
    <link rel="stylesheet" href="\(Asset.style.path)">
    <script src="\(Asset.script.path)" defer blocking="render"></script>
    </head>
    <body>
    <a class="skip" href="#content">To the figures</a>
    <header>
    <nav aria-label="Pages">\(navigation)</nav>
    \(signOut)
    </header>
    <main id="content">
    <div class="heading"><div><h1>\(head.title)</h1><p>\(head.question)</p></div>
    \(pickers?.html)</div>
    \(problem?.alert)
    \(content)
    </main>
    </body>
    </html>

    """
  }

  /// Without this, browsers would send the origin `null` with forms, which the server refuses.
  static let referrer: HTML = "<meta name=\"referrer\" content=\"same-origin\">"

  private var navigation: [HTML] {
    pages.map { page in
      let current: HTML = page.path == head.path ? " aria-current=\"page\"" : ""
      return """
        <a href="\(Link.to(page.path, page.isOfRange ? query : []))"\(current)>\(page.title)</a>

        """
    }
  }

  private var signOut: HTML? {
    canSignOut
      ? "<form method=\"post\" action=\"/sign-out\"><button class=\"quiet\">Sign out</button></form>"
      : nil
  }
}
