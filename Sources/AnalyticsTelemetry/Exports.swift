// Re-exported so that users of this module get `AnalyticsDatabase` without another import.
@_exported public import AnalyticsConnections

#if !Telemetry
  #error("AnalyticsTelemetry needs the package's trait Telemetry: see Package.swift")
#endif
