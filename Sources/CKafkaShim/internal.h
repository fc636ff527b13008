#ifndef KAFKA_SHIM_INTERNAL_H
#define KAFKA_SHIM_INTERNAL_H

#include "publish.h"

#define PUBLISH_MAX_SLOTS 64

/// A set of 64-bit hashes, open addressing, never 0.
typedef struct {
    uint64_t *slots;
    size_t capacity, count, used;
} keyset;

void keyset_add(keyset *set, uint64_t hash);
void keyset_remove(keyset *set, uint64_t hash);
bool keyset_contains(const keyset *set, uint64_t hash);
uint64_t key_hash(const char *key, size_t length);

/// A topic that was seen: its handle, and why it cannot be used (0: it can).
typedef struct {
    char name[250];
    size_t length;
    uint64_t hash;
    rd_kafka_topic_t *handle;
    int32_t problem;
    int64_t checked_at;  // monotonic milliseconds
    int64_t leaderless_at;  // since when it has had no leader; 0 while it has one
} topic_entry;

typedef struct {
    topic_entry **entries;
    size_t capacity, count, unusable;
    int64_t waited_at;  // when a missing topic was last waited for
    int64_t in_vain_at;  // when leaders were last waited for in vain
    int64_t asking_ms;  // how long this call has asked for topics
} topic_cache;

/// The usable topic of that name, or NULL with the reason in `problem`. `unreachable` is set when
/// nobody could be asked, or too much was asked already since `topic_cache_begin`.
topic_entry *topic_cache_find(topic_cache *cache, rd_kafka_t *rk, const char *name,
                              size_t length, int32_t *problem, bool *unreachable);
void topic_cache_begin(topic_cache *cache);
/// A topic turned out not to be usable.
void topic_cache_spoil(topic_cache *cache, topic_entry *entry, int32_t problem);
void topic_cache_retry(topic_cache *cache);
void topic_cache_destroy(topic_cache *cache);

struct publisher {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    int descriptor;
    publish_batch *slots[PUBLISH_MAX_SLOTS];
    keyset blocked;
    topic_cache topics;
};

/// The headers of one row, or NULL with `problem` set when its own are not a flat object.
rd_kafka_headers_t *row_headers(ccells_table table, int row, const publish_layout *layout,
                                int32_t *problem);

/// Writes a cell the way `kind` says. `scratch` must hold 40 bytes; the result may point into it.
const char *cell_text(const char *value, int length, publish_kind kind, char *scratch,
                      size_t *text_length);
int64_t cell_int8(const char *value);
/// Writes what an escaped JSON string says; never longer than the string itself.
bool json_unescape(const char *at, const char *end, char *out, size_t *written);

#endif
