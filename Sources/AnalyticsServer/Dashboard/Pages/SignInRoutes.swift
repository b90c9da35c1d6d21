internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// The sign-in, where a person exchanges a key for a session cookie (see ``Session``).
struct SignInRoutes: Sendable {
  let core: ServerCore

  /// The page after signing in if no other page was asked for.
  static let home = DashboardPage.root
  static let path = "/sign-in"
  private static let signOutPath = "/sign-out"

  /// The path of the sign-in page that leads to `target` afterwards.
  static func path(leadingTo target: String) -> String {
    Link.to(path, [("to", target)])
  }

  var routes: [Route] {
    let refusal: Route.Refusal = { problem, call in
      Self.page(to: call.query["to"], problem)
    }
    return [
      Route(
        .get, path: Self.path, summary: "The form to sign in with a key.",
        parameters: [RouteParameter("to", "the page to open after signing in")], need: nil,
        refusal: refusal
      ) { call in Self.page(to: call.query["to"]) },
      Route(
        .post, path: Self.path, summary: "Signs in: exchanges a key for a session cookie.",
        need: nil,
        refusal: refusal
      ) { call in
        try await signIn(call)
      },
      Route(
        .post, path: Self.signOutPath, summary: "Signs out: removes the session cookie.", need: nil,
        refusal: refusal
      ) { _ in
        Answer(
          .seeOther, headers: [.location: Self.path, .setCookie: cookie("", maxAge: 0)])
      },
    ]
  }

  private func signIn(_ call: Call) async throws -> Answer {
    let form = try await call.form(upTo: core.configuration.limits.bodyBytes)
    do {
      guard let key = form["key"].flatMap({ AccessKey($0.trimmed) }),
        let record = try await core.gatekeeper.record(of: key, from: call.address)
      else {
        throw Problem(
          .forbidden, "the key is invalid or revoked",
          parameter: "key")
      }
      let session = Session(record, from: call.now)
      var answer = Answer.redirect(to: Self.safe(form["to"]))
      answer.headers[.setCookie] = cookie(session.text, maxAge: Int(Session.lifetime))
      return answer
    } catch {
      // Only the form contains the target, and its body can be read only once.
      guard let problem = core.failures.problem(of: error) else { throw error }
      return Self.page(to: form["to"], problem)
    }
  }

  /// The session cookie. Scripts cannot read it, and browsers do not send it with requests from
  /// pages of another site.
  private func cookie(_ value: String, maxAge: Int) -> String {
    let isTLS = core.configuration.tls != nil
    return Cookie(
      name: isTLS ? Session.cookieNames[0] : Session.cookieNames[1], value: value, maxAge: maxAge,
      path: "/", secure: isTLS, httpOnly: true, sameSite: .strict
    ).description
  }

  /// Returns the target in ASCII if it is a path on this server; ``home`` if it leads elsewhere, or
  /// back to the sign-in or sign-out.
  private static func safe(_ target: String?) -> String {
    guard let target, target.begins(with: "/"), !target.begins(with: "//"), !target.has("\\"),
      target.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
    else { return home }
    var path = target[...]
    for mark in ["?", "#"] as [Unicode.Scalar] { path = path.cut(at: mark)?.head ?? path }
    while path.utf8.count > 1, path.ends(with: "/") {
      path = Substring(path.unicodeScalars.dropLast())
    }
    return [Self.path, signOutPath].contains(where: path.isSame) ? home : URLText.ascii(target)
  }

  private static func page(to target: String?, _ problem: Problem? = nil) -> Answer {
    let html: HTML = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      \(PageFrame.referrer)
      <meta name="color-scheme" content="light dark">
      <title>Sign in</title>
      <link rel="icon" href="\(Asset.icon.path)">
      <link rel="stylesheet" href="\(Asset.style.path)">
      </head>
      <body>
      <main class="sign-in">
      <section class="panel">
      <h1>Sign in</h1>
      \(problem?.alert)
      <form method="post" action="\(path)">
      <input type="hidden" name="to" value="\(safe(target))">
      <p><label>Key <input type="password" name="key" autocomplete="current-password" \
      required autofocus\(problem?.mark("key"))></label></p>
      <p><button>Sign in</button></p>
      </form>
      <p class="note"><code>analytics keys create NAME</code> makes a key.</p>
      </section>
      </main>
      </body>
      </html>

      """
    return Answer(
      problem?.status ?? .ok, body: .bytes(Body(html.text, type: MediaType.html)),
      headers: problem?.headers ?? [:])
  }
}
