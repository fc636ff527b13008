#ifndef PUBLISH_H
#define PUBLISH_H

#include <ccells.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The hot path of publishing: rows lent by a database library become records of librdkafka, and
// delivery reports become counters. One thread owns a publisher, its batches and layouts.

/// How the bytes of a cell become the bytes of a record.
typedef enum {
    publish_bytes,      // as they are
    publish_jsonb,      // without the version byte of binary jsonb
    publish_uuid,       // 16 bytes, written as text
    publish_int8,       // 8 bytes big-endian, written as decimal text
    publish_timestamp,  // microseconds since 2000, written as RFC 3339 in UTC
    publish_element,    // of an array of texts
} publish_kind;

/// A column of the lent table, or none (`index` -1).
typedef struct {
    int index;
    publish_kind kind;
    int element;  // which one, where the kind says so
} publish_column;

#define PUBLISH_MAX_HEADERS 16

/// A header that every record carries: from a column, or a constant.
typedef struct {
    char *name;
    size_t name_length;
    char *constant;  // NULL: from the column
    publish_column column;
    bool replaces;  // takes the place of a row's own header of that name
} publish_header_rule;

/// Where each part of a record stands in the lent table.
typedef struct {
    int id, topic, delayed, size, created_at;  // -1: none, but for id and topic
    publish_column key, payload;
    int headers;  // jsonb: a flat object; -1: none
    int rule_count;
    publish_header_rule rules[PUBLISH_MAX_HEADERS];
} publish_layout;

/// Adds a header rule. Copies the strings. False when there are too many.
bool publish_layout_add(publish_layout *layout, const char *name, const char *constant,
                        publish_column column, bool replaces);
void publish_layout_destroy(publish_layout *layout);

/// What became of one row of a batch.
typedef enum {
    publish_sent = 0,     // given to librdkafka, no report yet
    publish_acked = 1,    // Kafka has it, at `partition` and `offset`
    publish_held = 2,     // waits behind a refused message of its key
    publish_delayed = 3,  // not due yet
    publish_refused = 4,  // not accepted before it was sent; `code` says why
    publish_unsent = 5,   // not given to librdkafka because publishing stopped before it
    publish_failed = 6,   // sent, and not acknowledged; `code` says why
} publish_state;

/// Reasons of ours, beside librdkafka's codes.
typedef enum {
    publish_error_empty_topic = -10001,
    publish_error_topic_name = -10002,
    publish_error_headers = -10003,
    publish_error_no_offset = -10004,  // acknowledged without an offset: not proven to be there
    publish_error_many_topics = -10005,  // the next call asks for more of them
} publish_error;

/// Rows read together: one entry per row in every array, and the counts of what became of them.
typedef struct {
    uint32_t slot;
    int capacity, count;
    int pending, acked, held, delayed, refused, unsent, failed;
    size_t bytes;
    int64_t *ids;
    int64_t *created;  // microseconds since 2000; 0 when there is no such column
    uint64_t *keys;    // hash of the key, 0 for none
    int32_t *partitions;
    int64_t *offsets;
    int32_t *codes;
    uint8_t *states;
} publish_batch;

typedef struct publisher publisher;

/// Chooses the events that a publisher lives on. Before the client is made.
void publisher_prepare(rd_kafka_conf_t *conf);
/// Publishes through a client, which must outlive the publisher.
publisher *publisher_new(rd_kafka_t *rk);
/// Gives up whatever is still queued or in flight, without waiting. Batches stay valid.
void publisher_destroy(publisher *self);
/// The file descriptor that becomes readable when there is something to drain.
int publisher_descriptor(const publisher *self);

publish_batch *publish_batch_new(int capacity);
void publish_batch_destroy(publish_batch *batch);
/// Gives the batch a place among those whose reports are counted; false when all are taken. It
/// keeps the place until nothing of it is pending.
bool publisher_attach(publisher *self, publish_batch *batch);
void publisher_detach(publisher *self, publish_batch *batch);

/// Keys that wait: rows of theirs are held instead of sent.
void publisher_block_key(publisher *self, const char *key, size_t length);
void publisher_unblock_key(publisher *self, const char *key, size_t length);
void publisher_unblock_all(publisher *self);
size_t publisher_blocked_count(const publisher *self);
/// Hands the waiting keys over to the publisher that takes the place of `from`.
void publisher_move_blocked(publisher *from, publisher *to);

typedef struct {
    int consumed;      // rows of the range that have an entry in the batch now
    int stub_row;      // the first row whose payload was too large to be lent; -1: none
    int64_t stub_size; // its size in bytes
    int32_t stopped;   // not 0: Kafka or the publisher cannot take more; the rest is unsent
} publish_result;

/// Sends rows `first ..< end`. `largest`: payloads over it are refused; `lent`: those over it were
/// not lent and end the call. `blocks`: whether a refused message makes its key wait.
publish_result publisher_publish(publisher *self, publish_batch *batch, ccells_table table,
                                 const publish_layout *layout, int first, int end,
                                 int64_t lent, int64_t largest, bool blocks);

typedef struct {
    int reports;
    int32_t fatal;       // librdkafka's reason when the producer has failed for good
    int32_t last_error;  // the latest error event (a broker went away, …)
    int failed;          // reports that were not acknowledgements
} publish_drained;

/// Counts the delivery reports that are there, waiting at most `timeout_ms` for the first.
publish_drained publisher_drain(publisher *self, int timeout_ms);

/// A failed row was the only one on its way, so the failure is its own: it counts as refused.
void publisher_confirm_refusal(publisher *self, publish_batch *batch, int row, bool blocks);

/// Gives up what is queued, and with `in_flight` also what is on its way; reports follow.
void publisher_purge(publisher *self, bool in_flight);

/// Whether a broker answers in time.
bool publisher_is_reachable(publisher *self, int timeout_ms);

/// Forgets that topics were missing, so that they are asked for again.
void publisher_retry_topics(publisher *self);

#endif
