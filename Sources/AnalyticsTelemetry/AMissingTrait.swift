// First by name: the compiler stops at the first file whose imports are missing.
#if !Telemetry
  #error("AnalyticsTelemetry needs its trait Telemetry, AnalyticsServer the trait Server")
#endif
