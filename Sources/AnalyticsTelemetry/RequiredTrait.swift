#if !Telemetry
  #error("AnalyticsTelemetry needs the package's trait Telemetry: see Package.swift")
#endif
