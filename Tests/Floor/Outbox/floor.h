#ifndef FLOOR_H
#define FLOOR_H

#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

enum { MAX_SLOTS = 16, MAX_BATCH = 10000 };

/// The columns of the reading statement, in its order.
enum {
    COLUMN_ID, COLUMN_TOPIC, COLUMN_KEY, COLUMN_PAYLOAD, COLUMN_HEADERS, COLUMN_MESSAGE_ID,
    COLUMN_TYPE, COLUMN_CREATED_AT,
};

typedef struct {
    const char *database, *table, *brokers, *max_in_flight, *delete_by;
    int batch, in_flight;
    /// Whether records carry the headers that Postbox adds, or the row's own alone.
    bool with_envelope;
    bool deletes_range;
} options;

typedef struct {
    uint32_t length;
    uint8_t value[8];
} id_element;

typedef enum { SLOT_FREE, SLOT_READING, SLOT_PUBLISHED, SLOT_DELETING } slot_state;

/// A batch on its way.
typedef struct {
    slot_state state;
    int count, unacknowledged;
    /// The ids, already the int8[] that the deleting statement takes.
    struct {
        uint32_t head[5];
        id_element elements[MAX_BATCH];
    } ids;
} slot;

typedef struct {
    rd_kafka_t *client;
    rd_kafka_queue_t *events;
    int wake_up;
} publisher;

void die(const char *what, const char *why) __attribute__((noreturn));
double now_seconds(void);

void open_publisher(publisher *publisher, const char *brokers, const char *max_in_flight);
void publish_rows(publisher *publisher, const PGresult *rows, slot *slot, bool with_envelope);
/// Counts the delivery reports that are there down in their slots.
void collect_reports(publisher *publisher);
void close_publisher(publisher *publisher);

#endif
