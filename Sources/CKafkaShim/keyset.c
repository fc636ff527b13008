#include "internal.h"

#include <stdlib.h>
#include <string.h>

// A removed entry leaves a tombstone, so that probing past it still finds what came after.
#define TOMBSTONE UINT64_MAX

/// FNV-1a over 8-byte words with a final mix: fast, and good enough for a set whose rare false
/// "contained" only makes a message wait until its key is looked up exactly.
uint64_t key_hash(const char *key, size_t length) {
    uint64_t hash = 0xcbf29ce484222325ULL ^ length;
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, key, 8);
        hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
        hash ^= hash >> 32;
        key += 8;
        length -= 8;
    }
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)key[i]) * 0x100000001b3ULL;
    hash ^= hash >> 29;
    hash *= 0x94d049bb133111ebULL;
    hash ^= hash >> 32;
    return hash == 0 || hash == TOMBSTONE ? 1 : hash;
}

static size_t probe(const keyset *set, uint64_t hash) {
    size_t at = hash & (set->capacity - 1);
    while (set->slots[at] != 0 && set->slots[at] != hash) at = (at + 1) & (set->capacity - 1);
    return at;
}

static void grow(keyset *set) {
    keyset bigger = {.capacity = set->count * 4 < 64 ? 64 : 0};
    if (bigger.capacity == 0)
        for (bigger.capacity = 64; bigger.capacity < set->count * 4;) bigger.capacity *= 2;
    bigger.slots = calloc(bigger.capacity, sizeof(uint64_t));
    for (size_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != 0 && set->slots[i] != TOMBSTONE) keyset_add(&bigger, set->slots[i]);
    free(set->slots);
    *set = bigger;
}

void keyset_add(keyset *set, uint64_t hash) {
    if (set->used * 2 >= set->capacity) grow(set);
    size_t at = probe(set, hash);
    if (set->slots[at] == hash) return;
    set->slots[at] = hash;
    set->count++;
    set->used++;
}

void keyset_remove(keyset *set, uint64_t hash) {
    if (set->count == 0) return;
    size_t at = probe(set, hash);
    if (set->slots[at] != hash) return;
    set->slots[at] = TOMBSTONE;
    set->count--;
}

bool keyset_contains(const keyset *set, uint64_t hash) {
    return set->count != 0 && set->slots[probe(set, hash)] == hash;
}
