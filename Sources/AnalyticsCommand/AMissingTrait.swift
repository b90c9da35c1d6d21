// First by name: the compiler stops at the first file whose imports are missing.
#if !Commands
  #error("AnalyticsCommand needs its trait: swift build --traits Commands")
#endif
