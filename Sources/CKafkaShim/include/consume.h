#ifndef KAFKA_CONSUME_H
#define KAFKA_CONSUME_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What stands in a column where the record has no such header, or one that is no number.
#define KAFKA_CONSUME_NO_NUMBER INT64_MIN

/// Takes up to `max` messages from `queue`: waits up to `timeout_ms` for the first, then takes
/// what is there already. (One call for all would wait until `max` are there.) Records come first
/// in `messages`, in order; after them `*problems` messages with an error instead of a record.
/// Returns how many records there are. The caller owns all of them: `kafka_consume_release`.
size_t kafka_consume_take(rd_kafka_queue_t *queue, int timeout_ms, rd_kafka_message_t **messages,
                          size_t max, size_t *problems);

/// Frees `count` messages.
void kafka_consume_release(rd_kafka_message_t **messages, size_t count);

/// Fills one array a column, each `count` long. A record without a time has timestamp -1.
void kafka_consume_columns(rd_kafka_message_t *const *messages, size_t count, int32_t *partitions,
                           int64_t *offsets, int64_t *timestamps);

/// Fills `numbers` with the last header `name` of each record, read as a decimal number.
void kafka_consume_number_header(rd_kafka_message_t *const *messages, size_t count,
                                 const char *name, int64_t *numbers);

#endif
