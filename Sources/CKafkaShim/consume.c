#include "kafka_shim.h"

/// Moves the messages that carry an error behind the records, and keeps the records in order.
static size_t records_first(rd_kafka_message_t **messages, size_t count) {
    size_t records = 0;
    for (size_t i = 0; i < count; i++) {
        if (messages[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            continue;
        rd_kafka_message_t *record = messages[i];
        messages[i] = messages[records];
        messages[records++] = record;
    }
    return records;
}

size_t kafka_consume_take(rd_kafka_queue_t *queue, int timeout_ms, rd_kafka_message_t **messages,
                          size_t max, size_t *problems) {
    *problems = 0;
    if (max == 0)
        return 0;
    ssize_t first = rd_kafka_consume_batch_queue(queue, timeout_ms, messages, 1);
    if (first <= 0)
        return 0;
    ssize_t more = max > 1 ? rd_kafka_consume_batch_queue(queue, 0, messages + 1, max - 1) : 0;
    size_t count = 1 + (more > 0 ? (size_t)more : 0);
    size_t records = records_first(messages, count);
    *problems = count - records;
    return records;
}

void kafka_consume_release(rd_kafka_message_t **messages, size_t count) {
    for (size_t i = 0; i < count; i++)
        rd_kafka_message_destroy(messages[i]);
}

void kafka_consume_columns(rd_kafka_message_t *const *messages, size_t count, int32_t *partitions,
                           int64_t *offsets, int64_t *timestamps) {
    for (size_t i = 0; i < count; i++) {
        rd_kafka_timestamp_type_t kind;
        partitions[i] = messages[i]->partition;
        offsets[i] = messages[i]->offset;
        timestamps[i] = rd_kafka_message_timestamp(messages[i], &kind);
    }
}

/// Reads a decimal number that fills all of `text`: no blanks, no overflow, no NUL needed.
static int64_t number(const char *text, size_t size) {
    bool negative = size > 0 && text[0] == '-';
    int64_t value = 0;
    if (size == (size_t)negative)
        return KAFKA_CONSUME_NO_NUMBER;
    for (size_t i = negative; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, text[i] - '0', &value))
            return KAFKA_CONSUME_NO_NUMBER;
    }
    return negative ? -value : value;
}

void kafka_consume_number_header(rd_kafka_message_t *const *messages, size_t count,
                                 const char *name, int64_t *numbers) {
    for (size_t i = 0; i < count; i++) {
        rd_kafka_headers_t *headers;
        const void *value;
        size_t size;
        bool found = rd_kafka_message_headers(messages[i], &headers) == 0 &&
                     rd_kafka_header_get_last(headers, name, &value, &size) == 0 && value;
        numbers[i] = found ? number(value, size) : KAFKA_CONSUME_NO_NUMBER;
    }
}
