#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

void publisher_prepare(rd_kafka_conf_t *conf) {
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
}

publisher *publisher_new(rd_kafka_t *rk) {
    publisher *self = calloc(1, sizeof(*self));
    self->rk = rk;
    self->queue = rd_kafka_queue_get_main(rk);
    self->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    uint64_t one = 1;
    rd_kafka_queue_io_event_enable(self->queue, self->descriptor, &one, sizeof(one));
    return self;
}

void publisher_destroy(publisher *self) {
    rd_kafka_queue_io_event_enable(self->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(self->queue);
    topic_cache_destroy(&self->topics);
    rd_kafka_purge(self->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT
                                 | RD_KAFKA_PURGE_F_NON_BLOCKING);
    close(self->descriptor);
    free(self->blocked.slots);
    free(self);
}

int publisher_descriptor(const publisher *self) { return self->descriptor; }

static void batch_free(publish_batch *batch) {
    free(batch->ids);
    free(batch->created);
    free(batch->keys);
    free(batch->partitions);
    free(batch->offsets);
    free(batch->codes);
    free(batch->states);
    free(batch);
}

publish_batch *publish_batch_new(int capacity) {
    publish_batch *batch = calloc(1, sizeof(*batch));
    size_t rows = (size_t)capacity;
    batch->capacity = capacity;
    batch->ids = malloc(rows * sizeof(*batch->ids));
    batch->created = malloc(rows * sizeof(*batch->created));
    batch->keys = malloc(rows * sizeof(*batch->keys));
    batch->partitions = malloc(rows * sizeof(*batch->partitions));
    batch->offsets = malloc(rows * sizeof(*batch->offsets));
    batch->codes = malloc(rows * sizeof(*batch->codes));
    batch->states = malloc(rows * sizeof(*batch->states));
    return batch;
}

void publish_batch_destroy(publish_batch *batch) { batch_free(batch); }

bool publisher_attach(publisher *self, publish_batch *batch) {
    for (uint32_t slot = 0; slot < PUBLISH_MAX_SLOTS; slot++) {
        if (self->slots[slot] != NULL) continue;
        self->slots[slot] = batch;
        batch->slot = slot;
        return true;
    }
    return false;
}

void publisher_detach(publisher *self, publish_batch *batch) {
    if (self->slots[batch->slot] == batch) self->slots[batch->slot] = NULL;
}

void publisher_block_key(publisher *self, const char *key, size_t length) {
    keyset_add(&self->blocked, key_hash(key, length));
}

void publisher_unblock_key(publisher *self, const char *key, size_t length) {
    keyset_remove(&self->blocked, key_hash(key, length));
}

void publisher_unblock_all(publisher *self) {
    free(self->blocked.slots);
    self->blocked = (keyset){0};
}

void publisher_confirm_refusal(publisher *self, publish_batch *batch, int row, bool blocks) {
    batch->states[row] = publish_refused;
    batch->failed--;
    batch->refused++;
    if (blocks && batch->keys[row] != 0) keyset_add(&self->blocked, batch->keys[row]);
}

size_t publisher_blocked_count(const publisher *self) { return self->blocked.count; }

void publisher_move_blocked(publisher *from, publisher *to) {
    free(to->blocked.slots);
    to->blocked = from->blocked;
    from->blocked = (keyset){0};
}

void publisher_retry_topics(publisher *self) { topic_cache_retry(&self->topics); }

void publisher_purge(publisher *self, bool in_flight) {
    int flags = RD_KAFKA_PURGE_F_QUEUE | (in_flight ? RD_KAFKA_PURGE_F_INFLIGHT : 0);
    rd_kafka_purge(self->rk, flags);
}

bool publisher_is_reachable(publisher *self, int timeout_ms) {
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(self->rk, 0, NULL, &metadata, timeout_ms) != 0) return false;
    rd_kafka_metadata_destroy(metadata);
    return true;
}

/// Counts one report. An acknowledgement without an offset proves nothing: librdkafka infers some.
static bool count_report(publisher *self, const rd_kafka_message_t *message) {
    uintptr_t mark = (uintptr_t)message->_private;
    publish_batch *batch = self->slots[(mark >> 32) - 1];
    uint32_t at = (uint32_t)mark;
    batch->pending--;
    if (message->err == 0 && message->offset >= 0) {
        batch->states[at] = publish_acked;
        batch->partitions[at] = message->partition;
        batch->offsets[at] = message->offset;
        batch->acked++;
        return true;
    }
    batch->states[at] = publish_failed;
    batch->codes[at] = message->err != 0 ? (int32_t)message->err : publish_error_no_offset;
    batch->failed++;
    return false;
}

static void count_event(publisher *self, rd_kafka_event_t *event, publish_drained *drained) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
        const rd_kafka_message_t *message;
        while ((message = rd_kafka_event_message_next(event)) != NULL) {
            drained->reports++;
            if (!count_report(self, message)) drained->failed++;
        }
    } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
        drained->last_error = (int32_t)rd_kafka_event_error(event);
        char reason[8];
        rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(self->rk, reason, sizeof(reason));
        if (fatal != 0) drained->fatal = (int32_t)fatal;
    }
}

publish_drained publisher_drain(publisher *self, int timeout_ms) {
    publish_drained drained = {0};
    uint64_t count;
    // Order: the descriptor is reset before the queue is emptied, so no wake-up is lost.
    ssize_t ignored = read(self->descriptor, &count, sizeof(count));
    (void)ignored;
    rd_kafka_event_t *event = rd_kafka_queue_poll(self->queue, timeout_ms);
    while (event != NULL) {
        count_event(self, event, &drained);
        rd_kafka_event_destroy(event);
        event = rd_kafka_queue_poll(self->queue, 0);
    }
    return drained;
}
