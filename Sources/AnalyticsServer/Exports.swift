// Users of this module need `AnalyticsDatabase`, and should not have to import its module as well.
@_exported public import AnalyticsConnections
