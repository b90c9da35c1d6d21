// Whoever imports this can name the database that it works on.
@_exported public import AnalyticsConnections
