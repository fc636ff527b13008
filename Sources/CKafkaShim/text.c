#include "survey_internal.h"

#include <string.h>

#define EACH_BYTE(byte) (0x0101010101010101ULL * (byte))

/// Whether eight bytes are ASCII and none of them NUL.
static bool is_plain(const char *at) {
    uint64_t word;
    memcpy(&word, at, 8);
    return ((word | ((word - EACH_BYTE(0x01)) & ~word)) & EACH_BYTE(0x80)) == 0;
}

static bool continues(unsigned char byte) { return (byte & 0xc0) == 0x80; }

/// The length of the character at `at`, which is not ASCII; 0 when it is malformed, overlong, a
/// surrogate or above U+10FFFF.
static size_t character(const unsigned char *at, size_t left) {
    unsigned char first = at[0];
    if (first < 0xc2 || first > 0xf4) return 0;
    if (left < 2 || !continues(at[1])) return 0;
    if (first < 0xe0) return 2;
    if (left < 3 || !continues(at[2])) return 0;
    if (first < 0xf0) {
        bool overlong = first == 0xe0 && at[1] < 0xa0;
        bool surrogate = first == 0xed && at[1] > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (left < 4 || !continues(at[3])) return 0;
    bool overlong = first == 0xf0 && at[1] < 0x90;
    bool beyond = first == 0xf4 && at[1] > 0x8f;
    return overlong || beyond ? 0 : 4;
}

bool is_text(const char *bytes, size_t length) {
    const char *at = bytes, *end = bytes + length;
    while (at < end) {
        if (end - at >= 8 && is_plain(at)) {
            at += 8;
            continue;
        }
        unsigned char byte = (unsigned char)*at;
        if (byte == 0) return false;
        size_t size = byte < 0x80 ? 1 : character((const unsigned char *)at, (size_t)(end - at));
        if (size == 0) return false;
        at += size;
    }
    return true;
}
