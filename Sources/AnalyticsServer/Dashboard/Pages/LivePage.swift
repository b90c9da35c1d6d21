internal import AnalyticsReports
internal import Foundation

/// A table of the newest events; the script adds newer ones.
enum LivePage {
  static func html(_ events: [EventFacts.Event]) -> HTML {
    let rows: [HTML] = events.map { event in
      let user: HTML? = event.user.map { id in
        """
        <a href="\(Link.to(DashboardRoutes.timelinePath, [("user", id)]))">\(String(id.unicodeScalars.prefix(8)))</a>
        """
      }
      return """
        <tr><td>\(event.time.text(in: .gmt))</td><td>\(event.type)</td><td>\(event.service)</td>\
        <td>\(user)</td><td>\(event.data)</td></tr>
        """
    }
    return """
      <section class="panel wide"><p class="note" data-live-state role="status">The newest events. \
      Reload for newer ones.</p>
      <div class="scroll"><table class="events"><thead><tr><th scope="col">time (UTC)</th><th scope="col">event</th>\
      <th scope="col">service</th><th scope="col">user</th><th scope="col">fields</th></tr></thead>
      <tbody data-live="\(DashboardRoutes.livePath)/events">\(rows)</tbody></table></div></section>
      """
  }
}
