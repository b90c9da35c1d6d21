#if !Commands
  #error("AnalyticsCommand needs the package's trait Commands: see Package.swift")
#endif
