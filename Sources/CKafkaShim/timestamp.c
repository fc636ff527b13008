#include "survey_internal.h"

/// `width` decimal digits at `text`.
static bool digits(const char *text, int width, int32_t *number) {
    *number = 0;
    for (int i = 0; i < width; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *number = *number * 10 + (text[i] - '0');
    }
    return true;
}

/// Days since 2000-01-01, after Howard Hinnant's "chrono-compatible low-level date algorithms".
static int64_t days_since_2000(int32_t year, int32_t month, int32_t day) {
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 730425;
}

static int32_t days_of_month(int32_t year, int32_t month) {
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool read_date(const char *text, int64_t *days) {
    int32_t year, month, day;
    if (!digits(text, 4, &year) || !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day))
        return false;
    if (text[4] != '-' || text[7] != '-' || year < 1 || month < 1 || month > 12) return false;
    if (day < 1 || day > days_of_month(year, month)) return false;
    *days = days_since_2000(year, month, day);
    return true;
}

static bool read_clock(const char *text, int64_t *seconds) {
    int32_t hour, minute, second;
    if (!digits(text, 2, &hour) || !digits(text + 3, 2, &minute) || !digits(text + 6, 2, &second))
        return false;
    if (text[2] != ':' || text[5] != ':' || hour > 23 || minute > 59 || second > 59) return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/// `.` and one to nine digits, if there are any; what is finer than a microsecond is cut.
static bool read_fraction(const char **at, const char *end, int64_t *micros) {
    *micros = 0;
    if (*at == end || **at != '.') return true;
    const char *start = ++*at;
    int64_t unit = 100000;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at, unit /= 10)
        *micros += (**at - '0') * unit;
    return *at > start && *at - start <= 9;
}

/// `Z`, or `+hh:mm`, up to the end.
static bool read_zone(const char *at, const char *end, int64_t *seconds) {
    *seconds = 0;
    if (end - at == 1) return *at == 'Z' || *at == 'z';
    int32_t hours, minutes;
    if (end - at != 6 || (*at != '+' && *at != '-') || at[3] != ':') return false;
    if (!digits(at + 1, 2, &hours) || !digits(at + 4, 2, &minutes)) return false;
    if (hours > 23 || minutes > 59) return false;
    *seconds = (hours * 3600 + minutes * 60) * (*at == '-' ? -1 : 1);
    return true;
}

bool read_timestamp(const char *text, size_t length, int64_t *micros) {
    const char *at = text + 19, *end = text + length;
    int64_t days, seconds, fraction, zone;
    if (length < 20 || (text[10] != 'T' && text[10] != 't')) return false;
    if (!read_date(text, &days) || !read_clock(text + 11, &seconds)) return false;
    if (!read_fraction(&at, end, &fraction) || !read_zone(at, end, &zone)) return false;
    *micros = (days * 86400 + seconds - zone) * 1000000 + fraction;
    return true;
}
