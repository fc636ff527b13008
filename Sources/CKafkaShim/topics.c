#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ask_timeout_ms = 2000,
    missing_again_ms = 400,
    wait_for_new_ms = 1000,
    wait_pause_ms = 5000,
    // So long a topic may be without a leader before its rows are refused.
    leader_patience_ms = 10000,
    // So long may one call ask for topics one after the other.
    ask_together_ms = 1000,
    // So many topics that cannot be used are remembered.
    max_unusable = 1000,
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_legal_name(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '_' && c != '-') return false;
    }
    return length < 250 && !(length == 1 && name[0] == '.')
           && !(length == 2 && name[0] == '.' && name[1] == '.');
}

static void grow(topic_cache *cache) {
    size_t capacity = cache->capacity == 0 ? 64 : cache->capacity * 2;
    topic_entry **entries = calloc(capacity, sizeof(*entries));
    for (size_t i = 0; i < cache->capacity; i++) {
        topic_entry *entry = cache->entries[i];
        if (entry == NULL) continue;
        size_t at = entry->hash & (capacity - 1);
        while (entries[at] != NULL) at = (at + 1) & (capacity - 1);
        entries[at] = entry;
    }
    free(cache->entries);
    cache->entries = entries;
    cache->capacity = capacity;
}

static void entry_free(topic_entry *entry) {
    if (entry->handle != NULL) rd_kafka_topic_destroy(entry->handle);
    free(entry);
}

/// Forgets every topic that cannot be used: rows may name any number of them.
static void forget_unusable(topic_cache *cache) {
    topic_cache kept = {.waited_at = cache->waited_at, .in_vain_at = cache->in_vain_at};
    while (kept.capacity < cache->capacity) grow(&kept);
    for (size_t i = 0; i < cache->capacity; i++) {
        topic_entry *entry = cache->entries[i];
        if (entry == NULL) continue;
        if (entry->problem != 0) {
            entry_free(entry);
            continue;
        }
        size_t at = entry->hash & (kept.capacity - 1);
        while (kept.entries[at] != NULL) at = (at + 1) & (kept.capacity - 1);
        kept.entries[at] = entry;
        kept.count++;
    }
    free(cache->entries);
    *cache = kept;
}

static topic_entry *lookup(topic_cache *cache, const char *name, size_t length) {
    if (cache->count * 2 >= cache->capacity) grow(cache);
    uint64_t hash = key_hash(name, length);
    size_t at = hash & (cache->capacity - 1);
    for (; cache->entries[at] != NULL; at = (at + 1) & (cache->capacity - 1)) {
        topic_entry *entry = cache->entries[at];
        if (entry->length == length && memcmp(entry->name, name, length) == 0) return entry;
    }
    if (cache->unusable >= max_unusable) {
        forget_unusable(cache);
        return lookup(cache, name, length);
    }
    topic_entry *entry = calloc(1, sizeof(*entry));
    memcpy(entry->name, name, length);
    entry->length = length;
    entry->hash = hash;
    entry->problem = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    cache->entries[at] = entry;
    cache->count++;
    cache->unusable++;
    return entry;
}

/// Asks a broker for the topic; asking may also create it where the cluster allows that.
static int32_t ask(rd_kafka_t *rk, topic_entry *entry, int *partitions, bool *unreachable) {
    const struct rd_kafka_metadata *metadata = NULL;
    int32_t error = rd_kafka_metadata(rk, 0, entry->handle, &metadata, ask_timeout_ms);
    if (error != 0) {
        *unreachable = true;
        return error;
    }
    if (metadata->topic_cnt != 1) error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    else error = metadata->topics[0].err;
    if (error == 0 && metadata->topics[0].partition_cnt == 0)
        error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    if (error == 0) *partitions = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    return error;
}

static bool will_pass(int32_t error) {
    return error != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
           && error != RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION
           && error != RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE;
}

/// Whether a leader answers for each partition, or will never tell.
static bool are_served(rd_kafka_t *rk, topic_entry *entry, int partitions, int timeout) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int i = 0; i < partitions; i++)
        rd_kafka_topic_partition_list_add(list, entry->name, i)->offset = RD_KAFKA_OFFSET_END;
    int32_t error = rd_kafka_offsets_for_times(rk, list, timeout);
    for (int i = 0; i < partitions && error == 0; i++) error = list->elems[i].err;
    rd_kafka_topic_partition_list_destroy(list);
    return error == 0 || !will_pass(error);
}

/// Waits until a leader answers for each partition, but not for long.
///
/// Of a topic that was made a moment ago, a broker may refuse a first request and take the one
/// behind it: it knows no sequence of ours yet, and would swap messages (KAFKA-15591).
///
/// Where one was waited for in vain, others are not, for a while.
static void await_leaders(topic_cache *cache, rd_kafka_t *rk, topic_entry *entry, int partitions) {
    int64_t end = now_ms() + wait_for_new_ms, left;
    if (cache->in_vain_at != 0 && now_ms() - cache->in_vain_at < wait_pause_ms) return;
    while ((left = end - now_ms()) > 0 && !are_served(rk, entry, partitions, (int)left))
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    if (left <= 0) cache->in_vain_at = now_ms();
}

static bool may_appear(int32_t problem) {
    return problem == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
           || problem == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

/// Settles whether the topic can be used. A cluster that creates topics on demand needs a moment
/// for it: one is waited for, but not one after the other, lest missing topics stall the rest.
static void resolve(topic_cache *cache, rd_kafka_t *rk, topic_entry *entry, bool *unreachable) {
    if (entry->handle == NULL) entry->handle = rd_kafka_topic_new(rk, entry->name, NULL);
    int64_t start = now_ms();
    bool may_wait = entry->checked_at == 0 && start - cache->waited_at > wait_pause_ms;
    int partitions = 0;
    entry->problem = ask(rk, entry, &partitions, unreachable);
    while (may_wait && may_appear(entry->problem) && now_ms() - start < wait_for_new_ms) {
        cache->waited_at = start;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        entry->problem = ask(rk, entry, &partitions, unreachable);
    }
    cache->asking_ms += now_ms() - start;
    if (entry->problem == 0) await_leaders(cache, rk, entry, partitions);
    // The cluster knows the topic, and will soon have found somebody to lead it.
    if (entry->problem != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) entry->leaderless_at = 0;
    else if (entry->leaderless_at == 0) entry->leaderless_at = now_ms();
    if (entry->leaderless_at != 0 && now_ms() - entry->leaderless_at < leader_patience_ms)
        *unreachable = true;
    entry->checked_at = *unreachable ? 0 : now_ms();
    cache->unusable -= entry->problem == 0;
}

void topic_cache_begin(topic_cache *cache) { cache->asking_ms = 0; }

void topic_cache_spoil(topic_cache *cache, topic_entry *entry, int32_t problem) {
    cache->unusable += entry->problem == 0;
    entry->problem = problem;
}

topic_entry *topic_cache_find(topic_cache *cache, rd_kafka_t *rk, const char *name,
                              size_t length, int32_t *problem, bool *unreachable) {
    if (length == 0 || !is_legal_name(name, length)) {
        *problem = length == 0 ? publish_error_empty_topic : publish_error_topic_name;
        return NULL;
    }
    topic_entry *entry = lookup(cache, name, length);
    if (entry->problem != 0 && now_ms() - entry->checked_at > missing_again_ms) {
        if (cache->asking_ms < ask_together_ms) {
            resolve(cache, rk, entry, unreachable);
        } else if (entry->checked_at == 0) {
            *unreachable = true;
            return *problem = publish_error_many_topics, NULL;
        }
    }
    *problem = entry->problem;
    return entry->problem == 0 ? entry : NULL;
}

void topic_cache_retry(topic_cache *cache) {
    for (size_t i = 0; i < cache->capacity; i++)
        if (cache->entries[i] != NULL && cache->entries[i]->problem != 0)
            cache->entries[i]->checked_at = 1;
}

void topic_cache_destroy(topic_cache *cache) {
    for (size_t i = 0; i < cache->capacity; i++) {
        if (cache->entries[i] != NULL) entry_free(cache->entries[i]);
    }
    free(cache->entries);
    *cache = (topic_cache){0};
}
