// Users of this module need `AnalyticsDatabase`, and no import of its own for it.
@_exported public import AnalyticsConnections
