#ifndef KAFKA_SURVEY_H
#define KAFKA_SURVEY_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The hot path of receiving: what a batch of records holds, found in one walk, and the records as
// one parameter for PostgreSQL. One thread surveys; from then on any number may read.

/// Where a message's id stands.
typedef enum {
    survey_id_nowhere,  // messages need none
    survey_id_header,   // in a header
    survey_id_member,   // in a member of a JSON payload
} survey_id_source;

#define SURVEY_MAX_PATH 16
#define SURVEY_MAX_ID 1000

typedef struct {
    survey_id_source source;
    bool position_as_id;  // a message without an id gets `topic-partition-offset`
    int path_length;
    char *path[SURVEY_MAX_PATH];  // the header's name, or the members from the root on
} survey_rule;

/// Adds a header's name or the next member. Copies it. False when there are too many.
bool survey_rule_add(survey_rule *rule, const char *name);
void survey_rule_destroy(survey_rule *rule);

/// Why a message cannot be recognised when it comes again.
typedef enum {
    survey_fine = 0,
    survey_missing_id = 1,
    survey_id_too_long = 2,
    survey_id_not_text = 3,
    survey_repeated = 4,  // an earlier record of the batch has the same id
} survey_problem;

/// Bytes that stand elsewhere; `start` NULL: there are none.
typedef struct {
    const char *start;
    size_t length;
} survey_bytes;

/// Records of one partition.
typedef struct {
    rd_kafka_topic_t *topic;
    const char *name;
    size_t name_length;
    int32_t partition;
    int64_t first, last;   // offsets
    int64_t last_created;  // as in `created`
    int64_t last_time;     // the record's own, in milliseconds since 1970, or -1
} survey_range;

#define SURVEY_NO_TIME INT64_MIN

typedef struct survey_text survey_text;

/// One entry per record in every array.
typedef struct {
    size_t count;
    rd_kafka_message_t *const *messages;
    rd_kafka_headers_t **headers;  // NULL: none
    int64_t *hashes;               // of the key; never 0
    int64_t *created;              // microseconds since 2000 in UTC
    int64_t *offsets;
    uint32_t *ranges;  // an index into `range`
    size_t *bounds;    // no more bytes than this when encoded, without the inbox's name
    survey_bytes *ids, *types;
    uint8_t *problems;
    bool *own_times;  // whether the time is the message's own, from its header
    size_t bytes;     // of all keys and payloads
    size_t range_count;
    survey_range *range;
    survey_text *texts;  // made here, for `ids`
} survey;

/// Walks through records that stay alive and unchanged for as long as the survey.
survey *survey_new(rd_kafka_message_t *const *messages, size_t count, const survey_rule *rule);
void survey_destroy(survey *self);

/// A bound for `survey_encode`.
size_t survey_encoded_bound(const survey *self, const int32_t *rows, size_t count,
                            size_t inbox_length);
/// Writes rows as a binary array of `postbox.message`, whose type has the number `element`.
/// Returns the bytes written.
size_t survey_encode(const survey *self, const int32_t *rows, size_t count, const char *inbox,
                     size_t inbox_length, uint32_t element, int32_t attempt, char *out);

/// A bound for `survey_encode_ids`.
size_t survey_ids_bound(const survey *self, const int32_t *rows, size_t count);
/// Writes the rows' ids as a binary array of text; a row without one is NULL in it.
size_t survey_encode_ids(const survey *self, const int32_t *rows, size_t count, char *out);
/// Writes the rows' times as a binary array of timestamptz: 20 bytes, and 12 for each at most.
size_t survey_encode_times(const survey *self, const int32_t *rows, size_t count, char *out);

#endif
