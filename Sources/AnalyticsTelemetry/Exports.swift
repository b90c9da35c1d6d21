// Re-exported so that users of this module get `AnalyticsDatabase` without another import.
@_exported public import AnalyticsConnections
