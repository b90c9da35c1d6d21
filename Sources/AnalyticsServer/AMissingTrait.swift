// First by name: the compiler stops at the first file whose imports are missing.
#if !Server
  #error("AnalyticsServer needs its trait: .package(…, traits: [.defaults, \"Server\"])")
#endif
