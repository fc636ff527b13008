#include "internal.h"
#include "survey_internal.h"

#include <string.h>

enum { max_depth = 64 };

/// A walk through untrusted JSON that believes nothing: all of it is checked on the way.
typedef struct {
    const char *at, *end;
    survey *survey;
    const survey_rule *rule;
    survey_bytes found;
    bool out_of_place;  // the member is there, and is neither a string nor an integer
} scan;

static bool scan_value(scan *self, int depth, int level);

static void skip_space(scan *self) {
    while (self->at < self->end && (*self->at == ' ' || *self->at == '\n' || *self->at == '\t'
                                    || *self->at == '\r'))
        self->at++;
}

static bool take(scan *self, char expected) {
    skip_space(self);
    if (self->at == self->end || *self->at != expected) return false;
    self->at++;
    return true;
}

static bool is_digit(const scan *self) {
    return self->at < self->end && *self->at >= '0' && *self->at <= '9';
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// What follows a backslash.
static bool scan_escape(scan *self) {
    if (self->at == self->end) return false;
    char c = *self->at++;
    if (c != 'u') return c != 0 && strchr("\"\\/bfnrt", c) != NULL;
    if (self->end - self->at < 4) return false;
    for (int i = 0; i < 4; i++)
        if (!is_hex(*self->at++)) return false;
    return true;
}

/// A string as it stands between its quotes.
static bool scan_string(scan *self, survey_bytes *raw, bool *escaped) {
    if (!take(self, '"')) return false;
    raw->start = self->at;
    *escaped = false;
    for (;;) {
        if (self->at == self->end || (unsigned char)*self->at < 0x20) return false;
        char c = *self->at++;
        if (c == '"') break;
        if (c != '\\') continue;
        *escaped = true;
        if (!scan_escape(self)) return false;
    }
    raw->length = (size_t)(self->at - raw->start) - 1;
    return true;
}

/// Replaces an escaped text by what it says.
static bool decode(scan *self, survey_bytes *text) {
    char *out = survey_room(self->survey, text->length);
    size_t written = 0;
    if (out == NULL || !json_unescape(text->start, text->start + text->length, out, &written))
        return false;
    *text = (survey_bytes){out, written};
    return true;
}

static bool is_named(scan *self, survey_bytes name, bool escaped, const char *wanted) {
    size_t length = strlen(wanted);
    // An escape takes at most six bytes for one.
    if (escaped && (name.length > length * 6 || !decode(self, &name))) return false;
    return name.length == length && memcmp(name.start, wanted, length) == 0;
}

static bool scan_digits(scan *self) {
    if (!is_digit(self)) return false;
    while (is_digit(self)) self->at++;
    return true;
}

static bool scan_number(scan *self, bool *integer) {
    *integer = true;
    if (*self->at == '-') self->at++;
    bool zero = self->at < self->end && *self->at == '0';
    if (zero) self->at++;
    else if (!scan_digits(self)) return false;
    if (self->at < self->end && *self->at == '.') {
        *integer = false;
        self->at++;
        if (!scan_digits(self)) return false;
    }
    if (self->at < self->end && (*self->at == 'e' || *self->at == 'E')) {
        *integer = false;
        self->at++;
        if (self->at < self->end && (*self->at == '+' || *self->at == '-')) self->at++;
        if (!scan_digits(self)) return false;
    }
    return true;
}

static bool scan_word(scan *self, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(self->end - self->at) < length || memcmp(self->at, word, length) != 0)
        return false;
    self->at += length;
    return true;
}

/// The members of an object. `level`: how many names of the path lead here; -1: none do.
static bool scan_object(scan *self, int depth, int level) {
    self->at++;
    if (take(self, '}')) return true;
    do {
        survey_bytes name;
        bool escaped;
        if (!scan_string(self, &name, &escaped) || !take(self, ':')) return false;
        bool leads = level >= 0 && is_named(self, name, escaped, self->rule->path[level]);
        // Of equal names the last counts.
        if (leads) self->found.start = NULL, self->out_of_place = false;
        if (!scan_value(self, depth + 1, leads ? level + 1 : -1)) return false;
    } while (take(self, ','));
    return take(self, '}');
}

static bool scan_array(scan *self, int depth) {
    self->at++;
    if (take(self, ']')) return true;
    do
        if (!scan_value(self, depth + 1, -1)) return false;
    while (take(self, ','));
    return take(self, ']');
}

/// The value that the path leads to.
static bool scan_wanted(scan *self, int depth) {
    const char *start = self->at;
    bool escaped, integer = false;
    if (*start == '"') {
        if (!scan_string(self, &self->found, &escaped)) return false;
        // One that is too long even unescaped stays as it is.
        escaped = escaped && self->found.length <= SURVEY_MAX_ID * 6;
        self->out_of_place = escaped && !decode(self, &self->found);
        return true;
    }
    if (*start == '-' || is_digit(self)) {
        if (!scan_number(self, &integer)) return false;
        if (integer) self->found = (survey_bytes){start, (size_t)(self->at - start)};
    } else if (!scan_value(self, depth, -1)) {
        return false;
    }
    self->out_of_place = !integer;
    return true;
}

static bool scan_value(scan *self, int depth, int level) {
    survey_bytes ignored;
    bool flag;
    skip_space(self);
    if (self->at == self->end || depth > max_depth) return false;
    if (level == self->rule->path_length) return scan_wanted(self, depth);
    switch (*self->at) {
    case '{': return scan_object(self, depth, level);
    case '[': return scan_array(self, depth);
    case '"': return scan_string(self, &ignored, &flag);
    case 't': return scan_word(self, "true");
    case 'f': return scan_word(self, "false");
    case 'n': return scan_word(self, "null");
    default: return (*self->at == '-' || is_digit(self)) && scan_number(self, &flag);
    }
}

bool json_member(survey *survey, const survey_rule *rule, const char *json, size_t length,
                 survey_bytes *value) {
    scan self = {.at = json, .end = json + length, .survey = survey, .rule = rule};
    if (!scan_value(&self, 1, 0)) return false;
    skip_space(&self);
    if (self.at != self.end || self.out_of_place || self.found.start == NULL) return false;
    *value = self.found;
    return true;
}
