#ifndef FLOOR_H
#define FLOOR_H

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_BATCH = 10000, MAX_PARTITIONS = 1024 };

/// The parameters of the applying statement, in its order.
enum { PARAMETER_ID, PARAMETER_KEY, PARAMETER_AMOUNT, PARAMETER_PARTITION, PARAMETER_OFFSET,
       PARAMETER_COUNT };

/// A one-dimensional array in PostgreSQL's binary form, as it grows.
typedef struct {
    char *bytes;
    size_t size, room;
    uint32_t count;
} wire_array;

/// What one transaction applies. Ids are written as uuid, or as text.
typedef struct {
    wire_array parameters[PARAMETER_COUNT];
    bool ids_are_uuids;
    int messages;
} batch;

void die(const char *what, const char *why) __attribute__((noreturn));

/// Turns what was consumed into parameters; frees the messages.
void fill_batch(batch *batch, rd_kafka_message_t **messages, int count);

#endif
