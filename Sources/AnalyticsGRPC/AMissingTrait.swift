// First by name: the compiler stops at the first file whose imports are missing.
#if !GRPC
  #error("AnalyticsGRPC needs its trait: .package(…, traits: [.defaults, \"GRPC\"])")
#endif
