/// What a `NOTIFY` somewhere told a session that listens.
package struct PostgresNotification: Sendable, Equatable {
    package let channel: String
    package let payload: String
    package let backendPID: Int32
}
