#ifndef KAFKA_GROUP_H
#define KAFKA_GROUP_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Taking records as a member of a group. Partitions come and go only inside the calls below, on
// the thread that makes them; a record is handed out only while its partition is ours, and never
// one from before the offset that was handed out last. One thread owns a group.

typedef struct kafka_group kafka_group;

/// Told that partitions come (`assigned`) or go; it must answer librdkafka by (un)assigning.
typedef void (*kafka_group_listener)(void *opaque, bool assigned,
                                     rd_kafka_topic_partition_list_t *partitions);

/// Lets rebalances reach the group in whose call they arrive. Before the client is made.
void kafka_group_prepare(rd_kafka_conf_t *conf);
kafka_group *kafka_group_new(void);
void kafka_group_destroy(kafka_group *self);
void kafka_group_listen(kafka_group *self, kafka_group_listener listener, void *opaque);

/// Hands out records of this partition from now on, none before `offset` (which may be symbolic).
void kafka_group_start(kafka_group *self, const char *topic, int32_t partition, int64_t offset);
void kafka_group_stop(kafka_group *self, const char *topic, int32_t partition);

/// Like `kafka_consume_take`. Records of partitions that go meanwhile are not handed out.
size_t kafka_group_take(kafka_group *self, rd_kafka_queue_t *queue, int timeout_ms,
                        rd_kafka_message_t **messages, size_t max, size_t *problems);

/// What the records taken so far measure, keys and values, and how many they were.
void kafka_group_measure(const kafka_group *self, size_t *bytes, size_t *records);

/// Serves what arrives in `queue` while the consumer closes; records are thrown away.
void kafka_group_serve(kafka_group *self, rd_kafka_queue_t *queue, int timeout_ms);

#endif
