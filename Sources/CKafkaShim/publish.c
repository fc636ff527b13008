#include "internal.h"

#include <stdlib.h>
#include <string.h>

bool publish_layout_add(publish_layout *layout, const char *name, const char *constant,
                        publish_column column, bool replaces) {
    if (layout->rule_count == PUBLISH_MAX_HEADERS) return false;
    publish_header_rule *rule = &layout->rules[layout->rule_count++];
    rule->name = strdup(name);
    rule->name_length = strlen(name);
    rule->constant = constant != NULL ? strdup(constant) : NULL;
    rule->column = column;
    rule->replaces = replaces;
    return true;
}

void publish_layout_destroy(publish_layout *layout) {
    for (int i = 0; i < layout->rule_count; i++) {
        free(layout->rules[i].name);
        free(layout->rules[i].constant);
    }
    layout->rule_count = 0;
}

/// What one call of `publisher_publish` works with.
typedef struct {
    publisher *self;
    publish_batch *batch;
    ccells_table table;
    const publish_layout *layout;
    int64_t lent, largest;
    bool blocks;
    topic_entry *topic;  // of the row before: most rows have the same
} publishing;

static int64_t cell_int8_or(const publishing *p, int row, int column, int64_t fallback) {
    if (column < 0 || p->table.is_null(p->table.owner, row, column)) return fallback;
    const char *value = p->table.value(p->table.owner, row, column);
    if (p->table.length(p->table.owner, row, column) == 8) return cell_int8(value);
    uint32_t raw;
    memcpy(&raw, value, 4);
    return (int32_t)__builtin_bswap32(raw);
}

static bool is_delayed(const publishing *p, int row) {
    int column = p->layout->delayed;
    return column >= 0 && !p->table.is_null(p->table.owner, row, column)
           && p->table.value(p->table.owner, row, column)[0] != 0;
}

/// Makes the entry of a row in the batch; the state is the caller's to set.
static int add_row(publishing *p, int row) {
    publish_batch *batch = p->batch;
    int at = batch->count++;
    batch->ids[at] = cell_int8_or(p, row, p->layout->id, 0);
    batch->created[at] = cell_int8_or(p, row, p->layout->created_at, 0);
    batch->keys[at] = 0;
    batch->codes[at] = 0;
    batch->partitions[at] = -1;
    batch->offsets[at] = -1;
    return at;
}

static void set_unsent(publish_batch *batch, int at) {
    batch->states[at] = publish_unsent;
    batch->unsent++;
}

static void refuse(publishing *p, int at, int32_t code) {
    p->batch->states[at] = publish_refused;
    p->batch->codes[at] = code;
    p->batch->refused++;
    // Order: the key waits before the next row is looked at, so no follower is ever sent.
    if (p->blocks && p->batch->keys[at] != 0) keyset_add(&p->self->blocked, p->batch->keys[at]);
}

static topic_entry *row_topic(publishing *p, int row, int32_t *problem, bool *unreachable) {
    int column = p->layout->topic;
    bool absent = p->table.is_null(p->table.owner, row, column);
    const char *name = absent ? "" : p->table.value(p->table.owner, row, column);
    size_t length = absent ? 0 : (size_t)p->table.length(p->table.owner, row, column);
    topic_entry *last = p->topic;
    if (last != NULL && last->length == length && memcmp(last->name, name, length) == 0)
        return last;
    return p->topic = topic_cache_find(&p->self->topics, p->self->rk, name, length, problem,
                                       unreachable);
}

/// The bytes of a cell as a record has them; NULL for SQL's NULL.
static const char *record_bytes(const publishing *p, int row, publish_column column, char *scratch,
                                size_t *length) {
    *length = 0;
    if (column.index < 0 || p->table.is_null(p->table.owner, row, column.index)) return NULL;
    return cell_text(p->table.value(p->table.owner, row, column.index),
                     p->table.length(p->table.owner, row, column.index), column.kind, scratch,
                     length);
}

/// About what a row's own headers take.
static size_t own_headers_length(const publishing *p, int row) {
    int column = p->layout->headers;
    if (column < 0 || p->table.is_null(p->table.owner, row, column)) return 0;
    return (size_t)p->table.length(p->table.owner, row, column);
}

/// What librdkafka says of the publisher rather than of the message.
static bool stops_publishing(int32_t code) {
    return code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR__FATAL
           || code == RD_KAFKA_RESP_ERR__STATE;
}

/// What librdkafka takes for a record beside its bytes: its own notes, and the usual headers.
enum { record_overhead = 512 };

static int32_t send_record(publishing *p, int at, topic_entry *topic, const char *key,
                           size_t key_length, const char *payload, size_t payload_length,
                           rd_kafka_headers_t *headers) {
    void *mark = (void *)((uintptr_t)(p->batch->slot + 1) << 32 | (uint32_t)at);
    rd_kafka_resp_err_t code = rd_kafka_producev(
        p->self->rk, RD_KAFKA_V_RKT(topic->handle), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_length), RD_KAFKA_V_VALUE((void *)payload, payload_length),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(mark), RD_KAFKA_V_END);
    if (code != 0) {
        rd_kafka_headers_destroy(headers);
        if (code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION
            || code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
            topic_cache_spoil(&p->self->topics, topic, code), p->topic = NULL;
        return code;
    }
    p->batch->states[at] = publish_sent;
    p->batch->pending++;
    p->batch->bytes += key_length + payload_length + record_overhead;
    return 0;
}

/// Sends one row that has its entry. Returns a code when nothing more can be sent.
static int32_t send_row(publishing *p, int row, int at, const char *key, size_t key_length,
                        int64_t size) {
    int32_t problem = 0;
    bool unreachable = false;
    topic_entry *topic = row_topic(p, row, &problem, &unreachable);
    if (unreachable) return problem;
    if (topic == NULL) return refuse(p, at, problem), 0;
    if (size > p->largest) return refuse(p, at, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), 0;
    rd_kafka_headers_t *headers = row_headers(p->table, row, p->layout, &problem);
    if (headers == NULL) return refuse(p, at, problem), 0;
    char scratch[40];
    size_t length;
    const char *payload = record_bytes(p, row, p->layout->payload, scratch, &length);
    int32_t code = send_record(p, at, topic, key, key_length, payload, length, headers);
    if (code != 0 && !stops_publishing(code)) return refuse(p, at, code), 0;
    if (code == 0) p->batch->bytes += own_headers_length(p, row);
    return code;
}

/// One row: an entry in the batch, and the record if nothing stands in its way.
static int32_t publish_row(publishing *p, int row, int64_t size) {
    int at = add_row(p, row);
    if (is_delayed(p, row)) {
        p->batch->states[at] = publish_delayed;
        p->batch->delayed++;
        return 0;
    }
    char scratch[40];
    size_t key_length;
    const char *key = record_bytes(p, row, p->layout->key, scratch, &key_length);
    if (key != NULL) p->batch->keys[at] = key_hash(key, key_length);
    if (key != NULL && keyset_contains(&p->self->blocked, p->batch->keys[at])) {
        p->batch->states[at] = publish_held;
        p->batch->held++;
        return 0;
    }
    int32_t code = send_row(p, row, at, key, key_length, size);
    if (code != 0) set_unsent(p->batch, at);
    return code;
}

publish_result publisher_publish(publisher *self, publish_batch *batch, ccells_table table,
                                 const publish_layout *layout, int first, int end, int64_t lent,
                                 int64_t largest, bool blocks) {
    publishing p = {self, batch, table, layout, lent, largest, blocks, NULL};
    publish_result result = {.stub_row = -1};
    topic_cache_begin(&self->topics);
    for (int row = first; row < end && batch->count < batch->capacity; row++) {
        int64_t size = cell_int8_or(&p, row, layout->size, 0);
        if (size > lent && size <= largest && !is_delayed(&p, row)) {
            result.stub_row = row;
            result.stub_size = size;
            break;
        }
        if (result.stopped == 0) result.stopped = publish_row(&p, row, size);
        else set_unsent(batch, add_row(&p, row));
        result.consumed++;
    }
    return result;
}
