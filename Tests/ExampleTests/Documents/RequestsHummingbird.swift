import AnalyticsHummingbird
import Hummingbird

extension ExampleService {
  func requests() {
    router.add(middleware: AnalyticsMiddleware(analytics, service: "platform"))
  }
}
