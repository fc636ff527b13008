#include "survey_internal.h"

#include <endian.h>
#include <string.h>

enum {
    oid_bytea = 17,
    oid_int8 = 20,
    oid_int4 = 23,
    oid_text = 25,
    oid_timestamptz = 1184,
    oid_jsonb = 3802,
    field_count = 11,
};

// Each function writes at `out` and returns what comes after.

static char *put4(char *out, uint32_t number) {
    number = htobe32(number);
    memcpy(out, &number, 4);
    return out + 4;
}

static char *put8(char *out, uint64_t number) {
    number = htobe64(number);
    memcpy(out, &number, 8);
    return out + 8;
}

static char *put_bytes(char *out, const char *bytes, size_t length) {
    memcpy(out, bytes, length);
    return out + length;
}

static char *put_hex(char *out, const char *bytes, size_t length) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        *out++ = hex[byte >> 4];
        *out++ = hex[byte & 15];
    }
    return out;
}

static char *put_null(char *out, uint32_t type) { return put4(put4(out, type), UINT32_MAX); }

static char *put_int4(char *out, int32_t number) {
    return put4(put4(put4(out, oid_int4), 4), (uint32_t)number);
}

static char *put_int8(char *out, uint32_t type, int64_t number) {
    return put8(put4(put4(out, type), 8), (uint64_t)number);
}

static char *put_field(char *out, uint32_t type, const char *bytes, size_t length) {
    if (bytes == NULL) return put_null(out, type);
    return put_bytes(put4(put4(out, type), (uint32_t)length), bytes, length);
}

/// Text as it is, anything else as `\x` and hexadecimal digits.
static char *put_text(char *out, const char *bytes, size_t length) {
    if (bytes == NULL || is_text(bytes, length)) return put_field(out, oid_text, bytes, length);
    out = put4(put4(out, oid_text), (uint32_t)(2 + 2 * length));
    return put_hex(put_bytes(out, "\\x", 2), bytes, length);
}

static char *put_json_character(char *out, char c) {
    if (c == '"' || c == '\\') {
        *out++ = '\\';
        *out++ = c;
        return out;
    }
    if ((unsigned char)c < 0x20) return put_hex(put_bytes(out, "\\u00", 4), &c, 1);
    *out++ = c;
    return out;
}

static char *put_json_string(char *out, const char *bytes, size_t length) {
    *out++ = '"';
    if (is_text(bytes, length))
        for (size_t i = 0; i < length; i++) out = put_json_character(out, bytes[i]);
    else out = put_hex(put_bytes(out, "\\\\x", 3), bytes, length);
    *out++ = '"';
    return out;
}

/// A JSON object in their order: of equal names jsonb keeps the last.
static char *put_headers(char *out, const rd_kafka_headers_t *headers) {
    const char *name;
    const void *value;
    size_t size;
    if (headers == NULL || rd_kafka_header_cnt(headers) == 0) return put_null(out, oid_jsonb);
    char *length_at = put4(out, oid_jsonb);
    out = length_at + 4;
    *out++ = 1;  // the version of jsonb's binary form
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; i++) {
        *out++ = i == 0 ? '{' : ',';
        out = put_json_string(out, name, strlen(name));
        *out++ = ':';
        if (value == NULL) out = put_bytes(out, "null", 4);
        else out = put_json_string(out, value, size);
    }
    *out++ = '}';
    put4(length_at, (uint32_t)(out - length_at - 4));
    return out;
}

/// One `postbox.message`; the order of its attributes is fixed.
static char *put_row(char *out, const survey *self, size_t row, survey_bytes inbox,
                     int32_t attempt) {
    const rd_kafka_message_t *message = self->messages[row];
    const survey_range *range = &self->range[self->ranges[row]];
    char *length_at = out;
    out = put4(out + 4, field_count);
    out = put_field(out, oid_text, inbox.start, inbox.length);
    out = put_field(out, oid_text, range->name, range->name_length);
    out = put_int4(out, message->partition);
    out = put_int8(out, oid_int8, message->offset);
    out = put_field(out, oid_text, self->ids[row].start, self->ids[row].length);
    out = put_text(out, self->types[row].start, self->types[row].length);
    out = put_text(out, message->key, message->key_len);
    out = put_field(out, oid_bytea, message->payload, message->len);
    out = put_headers(out, self->headers[row]);
    if (self->created[row] == SURVEY_NO_TIME) out = put_null(out, oid_timestamptz);
    else out = put_int8(out, oid_timestamptz, self->created[row]);
    out = put_int4(out, attempt);
    put4(length_at, (uint32_t)(out - length_at - 4));
    return out;
}

size_t survey_encoded_bound(const survey *self, const int32_t *rows, size_t count,
                            size_t inbox_length) {
    size_t bound = 20 + count * inbox_length;
    for (size_t i = 0; i < count; i++) bound += self->bounds[rows[i]];
    return bound;
}

/// What comes before the elements of an array of one dimension; an empty one has none.
static char *put_array(char *out, size_t count, bool has_null, uint32_t element) {
    out = put4(put4(put4(out, count > 0), has_null), element);
    return count == 0 ? out : put4(put4(out, (uint32_t)count), 1);
}

size_t survey_encode(const survey *self, const int32_t *rows, size_t count, const char *inbox,
                     size_t inbox_length, uint32_t element, int32_t attempt, char *out) {
    char *start = out;
    out = put_array(out, count, false, element);
    for (size_t i = 0; i < count; i++)
        out = put_row(out, self, (size_t)rows[i], (survey_bytes){inbox, inbox_length}, attempt);
    return (size_t)(out - start);
}

size_t survey_ids_bound(const survey *self, const int32_t *rows, size_t count) {
    size_t bound = 20;
    for (size_t i = 0; i < count; i++) bound += 4 + self->ids[rows[i]].length;
    return bound;
}

size_t survey_encode_ids(const survey *self, const int32_t *rows, size_t count, char *out) {
    char *start = out;
    bool has_null = false;
    for (size_t i = 0; i < count; i++) has_null |= self->ids[rows[i]].start == NULL;
    out = put_array(out, count, has_null, oid_text);
    for (size_t i = 0; i < count; i++) {
        survey_bytes id = self->ids[rows[i]];
        if (id.start == NULL) out = put4(out, UINT32_MAX);
        else out = put_bytes(put4(out, (uint32_t)id.length), id.start, id.length);
    }
    return (size_t)(out - start);
}

size_t survey_encode_times(const survey *self, const int32_t *rows, size_t count, char *out) {
    char *start = out;
    bool has_null = false;
    for (size_t i = 0; i < count; i++) has_null |= self->created[rows[i]] == SURVEY_NO_TIME;
    out = put_array(out, count, has_null, oid_timestamptz);
    for (size_t i = 0; i < count; i++) {
        int64_t time = self->created[rows[i]];
        out = time == SURVEY_NO_TIME ? put4(out, UINT32_MAX) : put8(put4(out, 8), (uint64_t)time);
    }
    return (size_t)(out - start);
}
