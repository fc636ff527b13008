/// The inbox of a run.
package struct StageInbox: Sendable {
    let topic: String
    /// The rule as it stands in a configuration: `function: name`.
    let apply: String
    let lanes: Int
    /// A new one each time: the built-in broker takes nobody into a group that was left by all.
    let group = "postbox-\(UInt32.random(in: 0 ... .max))"

    package init(topic: String, apply: String, lanes: Int = 1) {
        self.topic = topic
        self.apply = apply
        self.lanes = lanes
    }
}
