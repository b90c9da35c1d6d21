#if !GRPC
  #error("AnalyticsGRPC needs the package's trait GRPC: see Package.swift")
#endif
