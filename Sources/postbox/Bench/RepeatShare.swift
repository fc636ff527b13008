/// How much of what an inbox gets it has seen before.
package enum RepeatShare: Int, Sendable, Hashable, CaseIterable, Encodable {
    case none = 0
    case half = 50
    case all = 100

    /// How many different messages stand in a topic of so many.
    ///
    /// Nothing repeats within the topic of `all`: the inbox has seen the whole of it.
    package func distinct(among messages: Int) -> Int {
        self == .half ? (messages + 1) / 2 : messages
    }
}
