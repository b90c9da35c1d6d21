#if !Server
  #error("AnalyticsServer needs the package's trait Server: see Package.swift")
#endif
