#if !Hummingbird
  #error("AnalyticsHummingbird needs the package's trait Hummingbird: see Package.swift")
#endif
