#include "kafka_shim.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/// A partition that is read.
typedef struct {
    char topic[250];
    int32_t partition;
    rd_kafka_topic_t *handle;  // learned from the first record
    int64_t next;              // no record before this is handed out
} reading_place;

struct kafka_reading {
    reading_place *places;
    size_t count, room, latest;
    size_t all_bytes, all_records;  // taken since the beginning, handed out or not
};

static bool is_named(const reading_place *place, const char *topic, int32_t partition) {
    return place->partition == partition && strcmp(place->topic, topic) == 0;
}

static reading_place *find(kafka_reading *self, const char *topic, int32_t partition) {
    for (size_t i = 0; i < self->count; i++)
        if (is_named(&self->places[i], topic, partition)) return &self->places[i];
    return NULL;
}

void kafka_reading_start(kafka_reading *self, const char *topic, int32_t partition,
                         int64_t offset) {
    reading_place *place = find(self, topic, partition);
    if (place == NULL) {
        if (self->count == self->room) {
            self->room = self->room == 0 ? 16 : self->room * 2;
            self->places = realloc(self->places, self->room * sizeof(*self->places));
        }
        place = &self->places[self->count++];
    }
    *place = (reading_place){.partition = partition, .next = offset < 0 ? 0 : offset};
    strncpy(place->topic, topic, sizeof(place->topic) - 1);
}

void kafka_reading_stop(kafka_reading *self, const char *topic, int32_t partition) {
    reading_place *place = find(self, topic, partition);
    if (place != NULL) *place = self->places[--self->count];
}

/// Whether the record is wanted and was not handed out before: what librdkafka fetched for a
/// partition may still arrive after that was stopped, or started elsewhere.
static bool is_fresh(kafka_reading *self, const rd_kafka_message_t *message) {
    reading_place *place = self->latest < self->count ? &self->places[self->latest] : NULL;
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

/// One at a time: taking several in one call, librdkafka 2.0.2 loses those that a change of the
/// assignment finds taken and not yet returned.
static rd_kafka_message_t *take_one(rd_kafka_queue_t *queue, int timeout_ms) {
    rd_kafka_message_t *message = NULL;
    return rd_kafka_consume_batch_queue(queue, timeout_ms, &message, 1) > 0 ? message : NULL;
}

size_t kafka_reading_take(kafka_reading *self, rd_kafka_queue_t *queue, int timeout_ms,
                          rd_kafka_message_t **messages, size_t max, size_t *problems) {
    rd_kafka_message_t *message;
    size_t count = 0;
    *problems = 0;
    while (count + *problems < max && (message = take_one(queue, timeout_ms)) != NULL) {
        timeout_ms = 0;
        self->all_bytes += message->len + message->key_len;
        self->all_records++;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) messages[max - ++*problems] = message;
        else if (is_fresh(self, message)) messages[count++] = message;
        else rd_kafka_message_destroy(message);
    }
    // The problems follow the records; they came from the end.
    memmove(messages + count, messages + max - *problems, *problems * sizeof(*messages));
    return count;
}

void kafka_reading_measure(const kafka_reading *self, size_t *bytes, size_t *records) {
    *bytes = self->all_bytes;
    *records = self->all_records;
}

kafka_reading *kafka_reading_new(void) { return calloc(1, sizeof(kafka_reading)); }

void kafka_reading_destroy(kafka_reading *self) {
    free(self->places);
    free(self);
}
