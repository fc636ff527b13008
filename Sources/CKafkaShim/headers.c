#include "internal.h"

#include <stdlib.h>
#include <string.h>

/// A walk through the text of a jsonb value, which PostgreSQL has already checked and normalised.
typedef struct {
    const char *at, *end;
    char *scratch;  // room for unescaped strings, as long as the text itself; made when needed
    size_t used, room;
    const publish_layout *layout;
    uint32_t taken;  // the rules whose names a row's own headers must not have any more
} json_walk;

static void skip_space(json_walk *walk) {
    while (walk->at < walk->end && (*walk->at == ' ' || *walk->at == '\n' || *walk->at == '\t'))
        walk->at++;
}

static bool take(json_walk *walk, char expected) {
    skip_space(walk);
    if (walk->at >= walk->end || *walk->at != expected) return false;
    walk->at++;
    return true;
}

static bool hex4(const char *text, uint32_t *code) {
    *code = 0;
    for (int i = 0; i < 4; i++) {
        char c = text[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) return false;
        *code = *code << 4 | digit;
    }
    return true;
}

static size_t write_utf8(uint32_t code, char *out) {
    if (code < 0x80) return out[0] = (char)code, 1;
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6), out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12), out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18), out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f)), out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/// `\uXXXX`, and the second half of a surrogate pair with it.
static bool unescape_unicode(const char **at, const char *end, char *out, size_t *written) {
    uint32_t code, low;
    if (end - *at < 4 || !hex4(*at, &code)) return false;
    *at += 4;
    if (code >= 0xd800 && code < 0xdc00) {
        if (end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u' || !hex4(*at + 2, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff) return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        *at += 6;
    }
    *written += write_utf8(code, out + *written);
    return true;
}

bool json_unescape(const char *at, const char *end, char *out, size_t *written) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    while (at < end) {
        if (*at != '\\') {
            out[(*written)++] = *at++;
            continue;
        }
        if (++at >= end) return false;
        char c = *at++;
        if (c == 'u') {
            if (!unescape_unicode(&at, end, out, written)) return false;
            continue;
        }
        const char *found = c != 0 ? strchr(from, c) : NULL;
        if (found == NULL) return false;
        out[(*written)++] = to[found - from];
    }
    return true;
}

/// The next string: a piece of the text itself where nothing is escaped.
static bool take_string(json_walk *walk, const char **text, size_t *length) {
    if (!take(walk, '"')) return false;
    const char *start = walk->at;
    bool escaped = false;
    while (walk->at < walk->end && *walk->at != '"') {
        if (*walk->at == '\\') escaped = true, walk->at++;
        walk->at++;
    }
    if (walk->at >= walk->end) return false;
    *text = start, *length = (size_t)(walk->at++ - start);
    if (!escaped) return true;
    if (walk->scratch == NULL && (walk->scratch = malloc(walk->room)) == NULL) return false;
    size_t written = 0;
    char *out = walk->scratch + walk->used;
    if (!json_unescape(start, start + *length, out, &written)) return false;
    walk->used += written;
    *text = out, *length = written;
    return true;
}

/// The next value, if it is a string, number, boolean or null.
static bool take_scalar(json_walk *walk, const char **text, size_t *length) {
    skip_space(walk);
    if (walk->at >= walk->end) return false;
    if (*walk->at == '"') return take_string(walk, text, length);
    const char *start = walk->at;
    while (walk->at < walk->end && strchr(",}{[] \n\t", *walk->at) == NULL) walk->at++;
    *text = start, *length = (size_t)(walk->at - start);
    if (*length == 4 && memcmp(start, "null", 4) == 0) *text = NULL, *length = 0;
    return walk->at > start;
}

static bool is_taken(const json_walk *walk, const char *name, size_t length) {
    for (int i = 0; walk->taken >> i != 0; i++) {
        const publish_header_rule *rule = &walk->layout->rules[i];
        if ((walk->taken >> i & 1) != 0 && rule->name_length == length
            && memcmp(rule->name, name, length) == 0)
            return true;
    }
    return false;
}

static bool add_members(json_walk *walk, rd_kafka_headers_t *headers) {
    if (!take(walk, '{')) return false;
    if (take(walk, '}')) return true;
    do {
        const char *name, *value;
        size_t name_length, value_length;
        if (!take_string(walk, &name, &name_length) || !take(walk, ':')) return false;
        if (!take_scalar(walk, &value, &value_length)) return false;
        if (name_length == 0) return false;
        if (walk->taken != 0 && is_taken(walk, name, name_length)) continue;
        rd_kafka_header_add(headers, name, (ssize_t)name_length, value, (ssize_t)value_length);
    } while (take(walk, ','));
    return take(walk, '}');
}

/// Adds the members of a flat JSON object, but for those whose names are taken. False when it is
/// not one.
static bool add_json_headers(rd_kafka_headers_t *headers, const char *json, size_t length,
                             const publish_layout *layout, uint32_t taken) {
    json_walk walk = {.at = json, .end = json + length, .room = length + 1,
                      .layout = layout, .taken = taken};
    bool flat = add_members(&walk, headers);
    free(walk.scratch);
    return flat;
}

/// An element of an array as PostgreSQL sends it: 20 bytes, then a length and the bytes of each.
static const char *array_element(const char *array, size_t size, int wanted, size_t *length) {
    const char *at = array + 20, *end = array + size;
    for (int i = 0; at + 4 <= end; i++) {
        uint32_t raw;
        memcpy(&raw, at, 4);
        int32_t bytes = (int32_t)__builtin_bswap32(raw);
        at += 4;
        if (i == wanted && bytes >= 0) return *length = (size_t)bytes, at;
        if (i == wanted) return NULL;
        if (bytes > 0) at += bytes;
    }
    return NULL;
}

/// Whether there was something to add.
static bool add_rule(rd_kafka_headers_t *headers, ccells_table table, int row,
                     const publish_header_rule *rule) {
    ssize_t name_length = (ssize_t)rule->name_length;
    if (rule->constant != NULL) {
        rd_kafka_header_add(headers, rule->name, name_length, rule->constant, -1);
        return true;
    }
    int column = rule->column.index;
    if (column < 0 || table.is_null(table.owner, row, column)) return false;
    char scratch[40];
    size_t length;
    const char *value = table.value(table.owner, row, column);
    int size = table.length(table.owner, row, column);
    const char *text = rule->column.kind == publish_element
                           ? array_element(value, (size_t)size, rule->column.element, &length)
                           : cell_text(value, size, rule->column.kind, scratch, &length);
    if (text == NULL) return false;
    rd_kafka_header_add(headers, rule->name, name_length, text, (ssize_t)length);
    return true;
}

rd_kafka_headers_t *row_headers(ccells_table table, int row, const publish_layout *layout,
                                int32_t *problem) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new((size_t)layout->rule_count + 4);
    uint32_t taken = 0;
    for (int i = 0; i < layout->rule_count; i++) {
        bool added = add_rule(headers, table, row, &layout->rules[i]);
        if (added && layout->rules[i].replaces) taken |= UINT32_C(1) << i;
    }
    int own = layout->headers;
    if (own < 0 || table.is_null(table.owner, row, own)) return headers;
    size_t length;
    const char *json = cell_text(table.value(table.owner, row, own),
                                 table.length(table.owner, row, own), publish_jsonb, NULL, &length);
    if (add_json_headers(headers, json, length, layout, taken)) return headers;
    rd_kafka_headers_destroy(headers);
    *problem = publish_error_headers;
    return NULL;
}
