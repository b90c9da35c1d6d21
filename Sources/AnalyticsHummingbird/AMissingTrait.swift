// First by name: the compiler stops at the first file whose imports are missing.
#if !Hummingbird
  #error("AnalyticsHummingbird needs its trait: .package(…, traits: [.defaults, \"Hummingbird\"])")
#endif
