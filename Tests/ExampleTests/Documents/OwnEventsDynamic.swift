import Analytics

extension ExampleService {
  func dynamicEvent() {
    let event = DynamicEvent(
      type: "plan_changed", userID: user.id, fields: ["plan": "team", "seats": 12])
    analytics.track(.custom(event))
  }
}
