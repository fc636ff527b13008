import CKafkaShim
import CLibrdkafka

/// The version of the librdkafka that is linked, for example `2.0.2`.
package let librdkafkaVersion = String(cString: rd_kafka_version_str())
