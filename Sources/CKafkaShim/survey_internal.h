#ifndef KAFKA_SURVEY_INTERNAL_H
#define KAFKA_SURVEY_INTERNAL_H

#include "survey.h"

/// Room for texts that live as long as the survey.
char *survey_room(survey *self, size_t length);

/// Whether PostgreSQL takes these bytes as text: exact UTF-8 without NUL.
bool is_text(const char *bytes, size_t length);

/// Reads RFC 3339, which must fill all of `text`. Microseconds since 2000 in UTC.
bool read_timestamp(const char *text, size_t length, int64_t *micros);

/// The string or integer at the rule's path of a JSON object, where the whole payload is JSON.
/// Of equal names the last counts, as in jsonb. Unescaped text is made in `self`.
bool json_member(survey *self, const survey_rule *rule, const char *json, size_t length,
                 survey_bytes *value);

#endif
