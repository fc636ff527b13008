#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "floor.h"

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK)
        die(name, error);
}

void open_publisher(publisher *publisher, const char *brokers, const char *max_in_flight) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "client.id", "outbox-floor");
    set(conf, "enable.idempotence", "true");
    set(conf, "acks", "all");
    set(conf, "max.in.flight", max_in_flight);
    set(conf, "linger.ms", "0.5");
    set(conf, "batch.num.messages", "10000");
    set(conf, "batch.size", "1000000");
    set(conf, "queue.buffering.max.messages", "1000000");
    set(conf, "socket.nagle.disable", "true");
    set(conf, "partitioner", "murmur2_random");
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
    char error[256];
    publisher->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!publisher->client) die("cannot make a producer", error);
    publisher->events = rd_kafka_queue_get_main(publisher->client);
    publisher->wake_up = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    uint64_t one = 1;
    rd_kafka_queue_io_event_enable(publisher->events, publisher->wake_up, &one, sizeof one);
}

void close_publisher(publisher *publisher) {
    rd_kafka_queue_destroy(publisher->events);
    rd_kafka_destroy_flags(publisher->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    close(publisher->wake_up);
}

/// Handles are kept for the life of the program: there are few topics.
static rd_kafka_topic_t *topic_handle(rd_kafka_t *client, const char *name) {
    static struct { char name[250]; rd_kafka_topic_t *handle; } known[64];
    static int count, recent;
    if (count && !strcmp(known[recent].name, name)) return known[recent].handle;
    for (int i = 0; i < count; i++)
        if (!strcmp(known[i].name, name)) return known[recent = i].handle;
    if (count == 64 || strlen(name) > 249) die("topic", "too many topics, or too long a name");
    strcpy(known[count].name, name);
    known[count].handle = rd_kafka_topic_new(client, name, NULL);
    recent = count;
    return known[count++].handle;
}

static void add(rd_kafka_headers_t *headers, const char *name, size_t length,
                const char *value, size_t size) {
    rd_kafka_header_add(headers, name, (ssize_t)length, value, (ssize_t)size);
}

/// Reads a JSON string from behind its opening quote; gives what follows its closing quote.
static const char *parse_string(const char *text, const char *end, char *into, size_t *length) {
    char *out = into;
    for (; text < end && *text != '"'; text++) {
        if (*text == '\\' && text + 1 < end) {
            static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
            const char *known = strchr(from, *++text);
            *out++ = known ? to[known - from] : *text;
        } else {
            *out++ = *text;
        }
    }
    *length = (size_t)(out - into);
    return text < end ? text + 1 : end;
}

/// Adds the members of a flat object of strings, as jsonb comes: a version byte, then text.
///
/// `\uXXXX` is not decoded: the benchmark writes none.
static void add_own(rd_kafka_headers_t *headers, const char *json, int size) {
    static char name[65536], value[65536];
    if (size < 3 || size > (int)sizeof name) return;
    const char *end = json + size, *at = json + 1;
    while ((at = memchr(at, '"', (size_t)(end - at)))) {
        size_t name_length, value_length;
        at = parse_string(at + 1, end, name, &name_length);
        at = memchr(at, '"', (size_t)(end - at));
        if (!at) return;
        at = parse_string(at + 1, end, value, &value_length);
        add(headers, name, name_length, value, value_length);
    }
}

static size_t print_number(char *out, int64_t number) {
    char digits[20];
    size_t length = 0, count = 0;
    do digits[count++] = (char)('0' + number % 10); while ((number /= 10) > 0);
    while (count > 0) out[length++] = digits[--count];
    return length;
}

static void print_uuid(char out[36], const unsigned char *bytes) {
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = hex[bytes[i] >> 4];
        *out++ = hex[bytes[i] & 15];
    }
}

/// Writes `2026-01-31T12:00:00.123456Z`; the second is formatted once for all rows of that second.
static void print_time(char out[27], int64_t microseconds_since_2000) {
    static int64_t second_known = -1;
    static char text[32];
    int64_t second = microseconds_since_2000 / 1000000;
    int64_t fraction = microseconds_since_2000 % 1000000;
    if (second != second_known) {
        time_t unix_time = second + 946684800;
        struct tm parts;
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", gmtime_r(&unix_time, &parts));
        second_known = second;
    }
    memcpy(out, text, 20);
    for (int i = 25; i >= 20; i--, fraction /= 10) out[i] = (char)('0' + fraction % 10);
    out[26] = 'Z';
}

static int64_t number_at(const PGresult *rows, int row, int column) {
    int64_t value;
    memcpy(&value, PQgetvalue(rows, row, column), 8);
    return (int64_t)be64toh((uint64_t)value);
}

/// The headers that Postbox writes on every record.
static void add_envelope(rd_kafka_headers_t *headers, const PGresult *rows, int row) {
    char text[40];
    print_uuid(text, (const unsigned char *)PQgetvalue(rows, row, COLUMN_MESSAGE_ID));
    add(headers, "message-id", 10, text, 36);
    if (!PQgetisnull(rows, row, COLUMN_TYPE))
        add(headers, "message-type", 12, PQgetvalue(rows, row, COLUMN_TYPE),
            (size_t)PQgetlength(rows, row, COLUMN_TYPE));
    add(headers, "source", 6, "bench", 5);
    add(headers, "seq", 3, text, print_number(text, number_at(rows, row, COLUMN_ID)));
    print_time(text, number_at(rows, row, COLUMN_CREATED_AT));
    add(headers, "created-at", 10, text, 27);
}

static void publish_row(publisher *publisher, const PGresult *rows, int row, slot *slot,
                        bool with_envelope) {
    rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
    if (with_envelope) add_envelope(headers, rows, row);
    if (!PQgetisnull(rows, row, COLUMN_HEADERS))
        add_own(headers, PQgetvalue(rows, row, COLUMN_HEADERS),
                PQgetlength(rows, row, COLUMN_HEADERS));
    bool has_key = !PQgetisnull(rows, row, COLUMN_KEY);
    bool has_payload = !PQgetisnull(rows, row, COLUMN_PAYLOAD);
    rd_kafka_vu_t fields[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT,
         .u.rkt = topic_handle(publisher->client, PQgetvalue(rows, row, COLUMN_TOPIC))},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {has_key ? PQgetvalue(rows, row, COLUMN_KEY) : NULL,
                   has_key ? (size_t)PQgetlength(rows, row, COLUMN_KEY) : 0}},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {has_payload ? PQgetvalue(rows, row, COLUMN_PAYLOAD) : NULL,
                   has_payload ? (size_t)PQgetlength(rows, row, COLUMN_PAYLOAD) : 0}},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = slot},
    };
    rd_kafka_error_t *error =
        rd_kafka_produceva(publisher->client, fields, sizeof fields / sizeof *fields);
    if (error) die("publish", rd_kafka_error_string(error));
}

void publish_rows(publisher *publisher, const PGresult *rows, slot *slot, bool with_envelope) {
    for (int row = 0; row < slot->count; row++)
        publish_row(publisher, rows, row, slot, with_envelope);
}

void collect_reports(publisher *publisher) {
    rd_kafka_event_t *event;
    while ((event = rd_kafka_queue_poll(publisher->events, 0))) {
        const rd_kafka_message_t *message;
        while ((message = rd_kafka_event_message_next(event))) {
            if (message->err) die("delivery", rd_kafka_err2str(message->err));
            ((slot *)message->_private)->unacknowledged--;
        }
        rd_kafka_event_destroy(event);
    }
}
