import CKafkaShim
import CLibrdkafka
import Glibc

/// The end of a client: destroyed on a thread of its own, for as long as librdkafka needs.
///
/// `rd_kafka_destroy` waits for the library's threads, and in 2.0.2 it can wait for ever
/// (a consumed partition was removed); nobody else shall wait with it.
final class ClientRetirement: Sendable {
    // Safety: handed over by the `ClientHandle` that just ended; only the new thread uses it.
    private nonisolated(unsafe) let client: OpaquePointer
    /// Kept until librdkafka has stopped the threads that log to it.
    private let log: LogSink?

    private init(_ client: OpaquePointer, log: LogSink?) {
        self.client = client
        self.log = log
    }

    /// Destroys `client` in the background.
    static func start(_ client: OpaquePointer, log: LogSink?) {
        let retirement = Unmanaged.passRetained(ClientRetirement(client, log: log))
        var thread = pthread_t()
        // Safety: the retained reference is taken by exactly one `takeRetainedValue`: in the new
        // thread, or here where there is none.
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ClientRetirement>.fromOpaque(argument).takeRetainedValue().destroy()
                return nil
            },
            retirement.toOpaque()
        )
        guard failure == 0 else { return retirement.takeRetainedValue().destroy() }
        pthread_detach(thread)
    }

    private func destroy() {
        // A consumer that was not closed leaves its group by silence, like one that crashed.
        rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }
}
