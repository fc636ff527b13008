#include "kafka_shim.h"

#include <stdlib.h>
#include <string.h>

/// A partition that is ours.
typedef struct {
    char topic[250];
    int32_t partition;
    rd_kafka_topic_t *handle;  // learned from the first record
    int64_t next;              // no record before this is handed out
} group_place;

struct kafka_group {
    kafka_group_listener listener;
    void *opaque;
    group_place *places;
    size_t count, room, latest;
    rd_kafka_message_t **taken;  // what the call under way has taken so far
    size_t taken_count;
    size_t all_bytes, all_records;  // taken since the beginning, handed out or not
};

/// The group whose call this thread is in: librdkafka calls back within it, and nowhere else.
static _Thread_local kafka_group *current;

static bool is_named(const group_place *place, const char *topic, int32_t partition) {
    return place->partition == partition && strcmp(place->topic, topic) == 0;
}

static group_place *find(kafka_group *self, const char *topic, int32_t partition) {
    for (size_t i = 0; i < self->count; i++)
        if (is_named(&self->places[i], topic, partition)) return &self->places[i];
    return NULL;
}

void kafka_group_start(kafka_group *self, const char *topic, int32_t partition, int64_t offset) {
    group_place *place = find(self, topic, partition);
    if (place == NULL) {
        if (self->count == self->room) {
            self->room = self->room == 0 ? 16 : self->room * 2;
            self->places = realloc(self->places, self->room * sizeof(*self->places));
        }
        place = &self->places[self->count++];
    }
    *place = (group_place){.partition = partition, .next = offset < 0 ? 0 : offset};
    strncpy(place->topic, topic, sizeof(place->topic) - 1);
}

void kafka_group_stop(kafka_group *self, const char *topic, int32_t partition) {
    group_place *place = find(self, topic, partition);
    if (place != NULL) *place = self->places[--self->count];
}

/// Gives back what the call under way has taken of partitions that go.
static void drop_taken(kafka_group *self, const rd_kafka_topic_partition_list_t *partitions) {
    size_t kept = 0;
    for (size_t i = 0; i < self->taken_count; i++) {
        rd_kafka_message_t *message = self->taken[i];
        if (rd_kafka_topic_partition_list_find(partitions, rd_kafka_topic_name(message->rkt),
                                               message->partition) != NULL)
            rd_kafka_message_destroy(message);
        else self->taken[kept++] = message;
    }
    self->taken_count = kept;
}

static void rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t error,
                      rd_kafka_topic_partition_list_t *partitions, void *opaque) {
    (void)opaque;
    if (current == NULL || current->listener == NULL) {
        rd_kafka_assign(rk, NULL);
        return;
    }
    bool assigned = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    if (!assigned) drop_taken(current, partitions);
    current->listener(current->opaque, assigned, partitions);
}

/// Whether the record is ours and was not handed out before: a partition that was held back during
/// a rebalance may be read again from a little before.
static bool is_fresh(kafka_group *self, const rd_kafka_message_t *message) {
    group_place *place = self->latest < self->count ? &self->places[self->latest] : NULL;
    if (place == NULL || place->handle != message->rkt || place->partition != message->partition) {
        place = find(self, rd_kafka_topic_name(message->rkt), message->partition);
        if (place == NULL) return false;
        place->handle = message->rkt;
        self->latest = (size_t)(place - self->places);
    }
    if (message->offset < place->next) return false;
    place->next = message->offset + 1;
    return true;
}

/// One at a time: taking several in one call, librdkafka 2.0.2 loses those that a rebalance finds
/// taken and not yet returned.
static rd_kafka_message_t *take_one(kafka_group *self, rd_kafka_queue_t *queue, int timeout_ms) {
    rd_kafka_message_t *message = NULL;
    current = self;
    ssize_t count = rd_kafka_consume_batch_queue(queue, timeout_ms, &message, 1);
    current = NULL;
    return count > 0 ? message : NULL;
}

size_t kafka_group_take(kafka_group *self, rd_kafka_queue_t *queue, int timeout_ms,
                        rd_kafka_message_t **messages, size_t max, size_t *problems) {
    rd_kafka_message_t *message;
    *problems = 0;
    self->taken = messages;
    self->taken_count = 0;
    while (self->taken_count + *problems < max
           && (message = take_one(self, queue, timeout_ms)) != NULL) {
        timeout_ms = 0;
        self->all_bytes += message->len + message->key_len;
        self->all_records++;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) messages[max - ++*problems] = message;
        else if (is_fresh(self, message)) messages[self->taken_count++] = message;
        else rd_kafka_message_destroy(message);
    }
    size_t count = self->taken_count;
    self->taken_count = 0;
    // The problems follow the records; they came from the end.
    memmove(messages + count, messages + max - *problems, *problems * sizeof(*messages));
    return count;
}

void kafka_group_measure(const kafka_group *self, size_t *bytes, size_t *records) {
    *bytes = self->all_bytes;
    *records = self->all_records;
}

void kafka_group_serve(kafka_group *self, rd_kafka_queue_t *queue, int timeout_ms) {
    rd_kafka_message_t *message = take_one(self, queue, timeout_ms);
    if (message != NULL) rd_kafka_message_destroy(message);
}

void kafka_group_prepare(rd_kafka_conf_t *conf) { rd_kafka_conf_set_rebalance_cb(conf, rebalance); }

kafka_group *kafka_group_new(void) { return calloc(1, sizeof(kafka_group)); }

void kafka_group_destroy(kafka_group *self) {
    free(self->places);
    free(self);
}

void kafka_group_listen(kafka_group *self, kafka_group_listener listener, void *opaque) {
    self->listener = listener;
    self->opaque = opaque;
}
