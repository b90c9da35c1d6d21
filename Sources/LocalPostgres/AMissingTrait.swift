// First by name: the compiler stops at the first file whose imports are missing.
#if !Commands
  #error("LocalPostgres needs the trait of the commands: swift build --traits Commands")
#endif
