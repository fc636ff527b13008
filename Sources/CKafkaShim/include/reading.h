#ifndef KAFKA_READING_H
#define KAFKA_READING_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

// Taking records while partitions come and go: a record is handed out only while its partition is
// read, and never one from before the offset that was handed out last. One thread owns a reading.

typedef struct kafka_reading kafka_reading;

kafka_reading *kafka_reading_new(void);
void kafka_reading_destroy(kafka_reading *self);

/// Hands out records of this partition from now on, none before `offset` (which may be symbolic).
void kafka_reading_start(kafka_reading *self, const char *topic, int32_t partition,
                         int64_t offset);
void kafka_reading_stop(kafka_reading *self, const char *topic, int32_t partition);

/// Like `kafka_consume_take`.
size_t kafka_reading_take(kafka_reading *self, rd_kafka_queue_t *queue, int timeout_ms,
                          rd_kafka_message_t **messages, size_t max, size_t *problems);

/// What the records taken so far measure, keys and values, and how many they were.
void kafka_reading_measure(const kafka_reading *self, size_t *bytes, size_t *records);

#endif
