#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "floor.h"

/// Dimensions, has NULLs, element type, count, lower bound.
enum { HEAD_SIZE = 20, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_UUID = 2950 };

static void begin(wire_array *array, uint32_t type) {
    if (array->room == 0) {
        array->room = 1 << 16;
        array->bytes = malloc(array->room);
    }
    uint32_t head[5] = {htonl(1), 0, htonl(type), 0, htonl(1)};
    memcpy(array->bytes, head, sizeof head);
    array->size = HEAD_SIZE;
    array->count = 0;
}

static void append(wire_array *array, const void *value, size_t size) {
    if (array->size + 4 + size > array->room) {
        array->room = 2 * (array->room + size);
        array->bytes = realloc(array->bytes, array->room);
    }
    uint32_t length = htonl((uint32_t)size);
    memcpy(array->bytes + array->size, &length, 4);
    if (size > 0) memcpy(array->bytes + array->size + 4, value, size);
    array->size += 4 + size;
    array->count++;
}

static void append_int4(wire_array *array, int32_t value) {
    uint32_t wire = htonl((uint32_t)value);
    append(array, &wire, 4);
}

static void append_int8(wire_array *array, int64_t value) {
    uint64_t wire = htobe64((uint64_t)value);
    append(array, &wire, 8);
}

static void end(wire_array *array) {
    uint32_t count = htonl(array->count);
    memcpy(array->bytes + 12, &count, 4);
}

static void parse_uuid(const char *text, unsigned char out[16]) {
    int digits = 0;
    for (int i = 0; i < 36; i++) {
        char c = text[i];
        if (c == '-') continue;
        int value = c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
        if (value < 0 || value > 15 || digits == 32) die("message-id", "is no UUID");
        out[digits / 2] = (unsigned char)(digits % 2 ? out[digits / 2] | value : value << 4);
        digits++;
    }
    if (digits != 32) die("message-id", "is no UUID");
}

static const char *id_of(const rd_kafka_message_t *message) {
    rd_kafka_headers_t *headers;
    const void *value;
    size_t size;
    if (rd_kafka_message_headers(message, &headers) != 0
        || rd_kafka_header_get_last(headers, "message-id", &value, &size) != 0 || size != 36)
        die("message-id", "is not there, or is no UUID");
    return value;
}

/// The ids of the batch so far, hashed: the statement's own join would count a repeat twice.
typedef struct {
    uint16_t places[4 * MAX_BATCH];
    unsigned char ids[MAX_BATCH][16];
    int count;
} id_set;

static bool add_id(id_set *set, const unsigned char id[16]) {
    uint64_t hash;
    memcpy(&hash, id, 8);
    unsigned room = sizeof set->places / sizeof *set->places;
    unsigned at = (unsigned)((hash * 0x9e3779b97f4a7c15u) % room);
    for (; set->places[at]; at = (at + 1) % room)
        if (!memcmp(set->ids[set->places[at] - 1], id, 16)) return false;
    memcpy(set->ids[set->count], id, 16);
    set->places[at] = (uint16_t)++set->count;
    return true;
}

static void add_message(batch *batch, const rd_kafka_message_t *message, id_set *seen) {
    const char *text = id_of(message);
    unsigned char id[16] = {0};
    parse_uuid(text, id);
    if (!add_id(seen, id)) return;
    if (batch->ids_are_uuids) append(&batch->parameters[PARAMETER_ID], id, 16);
    else append(&batch->parameters[PARAMETER_ID], text, 36);
    append(&batch->parameters[PARAMETER_KEY], message->key, message->key_len);
    append_int8(&batch->parameters[PARAMETER_AMOUNT], (int64_t)message->len);
}

void fill_batch(batch *batch, rd_kafka_message_t **messages, int count) {
    static id_set seen;
    static int64_t next_offsets[MAX_PARTITIONS];
    memset(seen.places, 0, sizeof seen.places);
    seen.count = 0;
    const uint32_t types[] = {batch->ids_are_uuids ? OID_UUID : OID_TEXT, OID_TEXT, OID_INT8,
                              OID_INT4, OID_INT8};
    for (int i = 0; i < PARAMETER_COUNT; i++) begin(&batch->parameters[i], types[i]);
    batch->messages = count;
    for (int i = 0; i < count; i++) {
        if (messages[i]->err) die("consume", rd_kafka_message_errstr(messages[i]));
        add_message(batch, messages[i], &seen);
        next_offsets[messages[i]->partition] = messages[i]->offset + 1;
    }
    for (int i = 0; i < count; i++) {
        int64_t *next = &next_offsets[messages[i]->partition];
        if (*next > 0) {
            append_int4(&batch->parameters[PARAMETER_PARTITION], messages[i]->partition);
            append_int8(&batch->parameters[PARAMETER_OFFSET], *next);
        }
        *next = 0;
        rd_kafka_message_destroy(messages[i]);
    }
    for (int i = 0; i < PARAMETER_COUNT; i++) end(&batch->parameters[i]);
}
