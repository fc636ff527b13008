#include "internal.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

int64_t cell_int8(const char *value) {
    uint64_t raw;
    memcpy(&raw, value, 8);
    return (int64_t)be64toh(raw);
}

static size_t write_decimal(int64_t number, char *out) {
    char digits[20];
    size_t count = 0, length = 0;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do digits[count++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0) out[length++] = '-';
    while (count > 0) out[length++] = digits[--count];
    return length;
}

static size_t write_uuid(const unsigned char *bytes, char *out) {
    static const char hex[] = "0123456789abcdef";
    size_t length = 0;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out[length++] = '-';
        out[length++] = hex[bytes[i] >> 4];
        out[length++] = hex[bytes[i] & 15];
    }
    return length;
}

static void write_digits(uint32_t number, int width, char *out) {
    for (int i = width - 1; i >= 0; i--, number /= 10) out[i] = (char)('0' + number % 10);
}

/// Days since 2000-03-01 to a civil date, after Howard Hinnant's "chrono-compatible low-level date
/// algorithms".
static void civil_date(int64_t days, int64_t *year, uint32_t *month, uint32_t *day) {
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    uint32_t doe = (uint32_t)(days - era * 146097);
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    uint32_t mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = 2000 + (int64_t)yoe + era * 400 + (*month <= 2);
}

static size_t write_timestamp(int64_t micros, char *out) {
    const int64_t day_micros = 86400000000LL;
    int64_t days = micros / day_micros, rest = micros % day_micros;
    if (rest < 0) rest += day_micros, days--;
    int64_t year;
    uint32_t month, day;
    civil_date(days - 60, &year, &month, &day);
    if (year < 0 || year > 9999) return 0;
    memcpy(out, "0000-00-00T00:00:00.000000Z", 27);
    write_digits((uint32_t)year, 4, out);
    write_digits(month, 2, out + 5);
    write_digits(day, 2, out + 8);
    uint32_t seconds = (uint32_t)(rest / 1000000);
    write_digits(seconds / 3600, 2, out + 11);
    write_digits(seconds / 60 % 60, 2, out + 14);
    write_digits(seconds % 60, 2, out + 17);
    write_digits((uint32_t)(rest % 1000000), 6, out + 20);
    return 27;
}

const char *cell_text(const char *value, int length, publish_kind kind, char *scratch,
                      size_t *text_length) {
    switch (kind) {
    case publish_jsonb:
        *text_length = length > 0 ? (size_t)length - 1 : 0;
        return value + (length > 0);
    case publish_uuid:
        *text_length = length == 16 ? write_uuid((const unsigned char *)value, scratch) : 0;
        return scratch;
    case publish_int8:
        *text_length = length == 8 ? write_decimal(cell_int8(value), scratch) : 0;
        return scratch;
    case publish_timestamp:
        *text_length = length == 8 ? write_timestamp(cell_int8(value), scratch) : 0;
        return scratch;
    default:
        *text_length = (size_t)length;
        return value;
    }
}
