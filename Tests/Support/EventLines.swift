// Parts of the lines that `import` reads.

package let someUUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

/// The fields of an event.
package let started = #""type":"task_started","task_id":"\#(someUUID)","user_id":"\#(someUUID)""#

/// A line with the fields of an event and with further keys.
package func line(event: String, and more: String = "") -> String {
  #"{"timestamp":"2026-01-31T08:09:10.123456Z","event":{\#(event)}\#(more)}"#
}
