#include "internal.h"
#include "survey_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct survey_text {
    survey_text *next;
    size_t used, room;
    char bytes[];
};

char *survey_room(survey *self, size_t length) {
    survey_text *text = self->texts;
    if (text == NULL || text->room - text->used < length) {
        size_t room = length > 16384 ? length : 16384;
        text = malloc(sizeof(*text) + room);
        if (text == NULL) return NULL;
        *text = (survey_text){.next = self->texts, .room = room};
        self->texts = text;
    }
    char *found = text->bytes + text->used;
    text->used += length;
    return found;
}

bool survey_rule_add(survey_rule *rule, const char *name) {
    if (rule->path_length == SURVEY_MAX_PATH) return false;
    rule->path[rule->path_length] = strdup(name);
    return rule->path[rule->path_length++] != NULL;
}

void survey_rule_destroy(survey_rule *rule) {
    for (int i = 0; i < rule->path_length; i++) free(rule->path[i]);
    *rule = (survey_rule){0};
}

/// What is looked for in the headers of one record; of equal names the last counts.
typedef struct {
    survey_bytes id, created, type, ce_type;
} known_headers;

static void note_header(known_headers *known, const char *id_name, const char *name,
                        survey_bytes value) {
    if (id_name != NULL && strcmp(name, id_name) == 0) known->id = value;
    if (strcmp(name, "created-at") == 0) known->created = value;
    else if (strcmp(name, "message-type") == 0) known->type = value;
    else if (strcmp(name, "ce_type") == 0) known->ce_type = value;
}

/// Walks through the headers and returns how many bytes they take as JSON, at most.
static size_t read_headers(survey *self, size_t row, const char *id_name, known_headers *known) {
    size_t bound = 3;
    rd_kafka_headers_t *headers;
    // Parses in place; later readers find them parsed.
    if (rd_kafka_message_headers(self->messages[row], &headers) != 0) return bound;
    self->headers[row] = headers;
    const char *name;
    const void *value;
    size_t size;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; i++) {
        bound += 6 * (strlen(name) + size) + 16;
        note_header(known, id_name, name, (survey_bytes){value, value != NULL ? size : 0});
    }
    return bound;
}

static bool is_in(const survey_range *range, const rd_kafka_message_t *message) {
    return range->partition == message->partition
           && (range->topic == message->rkt
               || strcmp(range->name, rd_kafka_topic_name(message->rkt)) == 0);
}

/// The place of the record's partition among those seen. Records of one mostly come together.
static uint32_t find_range(survey *self, const rd_kafka_message_t *message) {
    for (size_t i = self->range_count; i > 0; i--)
        if (is_in(&self->range[i - 1], message)) return (uint32_t)(i - 1);
    const char *name = rd_kafka_topic_name(message->rkt);
    self->range[self->range_count] = (survey_range){
        .topic = message->rkt, .name = name, .name_length = strlen(name),
        .partition = message->partition, .first = message->offset,
    };
    return (uint32_t)self->range_count++;
}

static void note_range(survey *self, size_t row) {
    const rd_kafka_message_t *message = self->messages[row];
    uint32_t before = row > 0 ? self->ranges[row - 1] : 0;
    bool same = row > 0 && is_in(&self->range[before], message);
    uint32_t index = same ? before : find_range(self, message);
    self->ranges[row] = index;
    self->range[index].last = message->offset;
    self->range[index].last_created = self->created[row];
    rd_kafka_timestamp_type_t kind;
    self->range[index].last_time = rd_kafka_message_timestamp(message, &kind);
}

/// Stored in tables: it must stay the same for ever.
static int64_t row_hash(const rd_kafka_message_t *message) {
    if (message->key != NULL) return (int64_t)key_hash(message->key, message->key_len);
    struct { int64_t offset, partition; } place = {message->offset, message->partition};
    return (int64_t)key_hash((const char *)&place, sizeof(place));
}

/// The record's time in microseconds since 2000, where there is one that PostgreSQL can hold.
static int64_t record_time(const rd_kafka_message_t *message) {
    const int64_t year_2000 = 946684800000, end = 9223371331200000;
    rd_kafka_timestamp_type_t kind;
    int64_t millis = rd_kafka_message_timestamp(message, &kind);
    return millis < 0 || millis >= end ? SURVEY_NO_TIME : (millis - year_2000) * 1000;
}

static void note_time(survey *self, size_t row, survey_bytes header) {
    self->own_times[row] = header.start != NULL
                           && read_timestamp(header.start, header.length, &self->created[row]);
    if (!self->own_times[row]) self->created[row] = record_time(self->messages[row]);
}

static survey_bytes place_id(survey *self, size_t row) {
    const survey_range *range = &self->range[self->ranges[row]];
    size_t room = range->name_length + 40;
    char *text = survey_room(self, room);
    if (text == NULL) return (survey_bytes){0};
    int length = snprintf(text, room, "%s-%d-%lld", range->name, range->partition,
                          (long long)self->offsets[row]);
    return (survey_bytes){text, (size_t)length};
}

static uint8_t problem_of(survey_bytes id) {
    if (id.start == NULL || id.length == 0) return survey_missing_id;
    if (id.length > SURVEY_MAX_ID) return survey_id_too_long;
    return is_text(id.start, id.length) ? survey_fine : survey_id_not_text;
}

static void note_id(survey *self, size_t row, const survey_rule *rule, survey_bytes id) {
    const rd_kafka_message_t *message = self->messages[row];
    if (rule->source == survey_id_member && message->payload != NULL
        && !json_member(self, rule, message->payload, message->len, &id))
        id.start = NULL;
    uint8_t problem = problem_of(id);
    if (problem == survey_missing_id && rule->position_as_id) {
        id = place_id(self, row);
        problem = problem_of(id);
    }
    self->ids[row] = problem == survey_fine ? id : (survey_bytes){0};
    bool needed = rule->source != survey_id_nowhere || rule->position_as_id;
    self->problems[row] = needed ? problem : survey_fine;
}

static void survey_row(survey *self, size_t row, const survey_rule *rule) {
    const rd_kafka_message_t *message = self->messages[row];
    known_headers known = {0};
    const char *id_name = rule->source == survey_id_header ? rule->path[0] : NULL;
    size_t headers_bound = read_headers(self, row, id_name, &known);
    self->offsets[row] = message->offset;
    self->hashes[row] = row_hash(message);
    self->types[row] = known.type.start != NULL ? known.type : known.ce_type;
    note_time(self, row, known.created);
    note_range(self, row);
    note_id(self, row, rule, known.id);
    self->bytes += message->key_len + message->len;
    self->bounds[row] = 128 + self->range[self->ranges[row]].name_length + self->ids[row].length
                        + 2 * self->types[row].length + 2 + 2 * message->key_len + 2
                        + message->len + headers_bound;
}

/// Marks every record whose id an earlier one has.
static bool note_repeated(survey *self) {
    size_t capacity = 64;
    while (capacity < self->count * 2) capacity *= 2;
    struct { uint64_t hash; size_t row; } *slots = calloc(capacity, sizeof(*slots));
    if (slots == NULL) return false;
    for (size_t row = 0; row < self->count; row++) {
        survey_bytes id = self->ids[row];
        if (id.start == NULL) continue;
        uint64_t hash = key_hash(id.start, id.length);
        size_t at = hash & (capacity - 1);
        for (; slots[at].hash != 0; at = (at + 1) & (capacity - 1)) {
            survey_bytes other = self->ids[slots[at].row];
            if (slots[at].hash == hash && other.length == id.length
                && memcmp(other.start, id.start, id.length) == 0)
                break;
        }
        if (slots[at].hash != 0) self->problems[row] = survey_repeated;
        else slots[at].hash = hash, slots[at].row = row;
    }
    free(slots);
    return true;
}

/// All arrays, in one piece of zeroed memory; those of larger entries first.
static survey *make(rd_kafka_message_t *const *messages, size_t count) {
    size_t entry = 2 * sizeof(survey_bytes) + sizeof(survey_range) + 3 * sizeof(int64_t)
                   + sizeof(size_t) + sizeof(void *) + sizeof(uint32_t) + 2;
    survey *self = calloc(1, sizeof(survey) + count * entry);
    if (self == NULL) return NULL;
    self->count = count;
    self->messages = messages;
    self->ids = (survey_bytes *)(self + 1);
    self->types = self->ids + count;
    self->range = (survey_range *)(self->types + count);
    self->hashes = (int64_t *)(self->range + count);
    self->created = self->hashes + count;
    self->offsets = self->created + count;
    self->bounds = (size_t *)(self->offsets + count);
    self->headers = (rd_kafka_headers_t **)(self->bounds + count);
    self->ranges = (uint32_t *)(self->headers + count);
    self->problems = (uint8_t *)(self->ranges + count);
    self->own_times = (bool *)(self->problems + count);
    return self;
}

survey *survey_new(rd_kafka_message_t *const *messages, size_t count, const survey_rule *rule) {
    survey *self = make(messages, count);
    if (self == NULL) return NULL;
    for (size_t row = 0; row < count; row++) survey_row(self, row, rule);
    if (note_repeated(self)) return self;
    survey_destroy(self);
    return NULL;
}

void survey_destroy(survey *self) {
    while (self->texts != NULL) {
        survey_text *next = self->texts->next;
        free(self->texts);
        self->texts = next;
    }
    free(self);
}
