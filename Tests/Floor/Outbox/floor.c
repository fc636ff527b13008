/// outbox-floor: how fast this machine moves an outbox table to Kafka when no promise is kept.
///
/// The plain loop over the two C libraries that Postbox is measured against: read in id order,
/// publish, delete what was acknowledged, several batches in flight, one thread. It loses rows that
/// commit late, knows no failure but to stop, and owns nothing. It ends when it has read all.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "floor.h"

static options opt = {.table = "postbox.outbox", .batch = 1000, .in_flight = 4,
                      .max_in_flight = "5", .delete_by = "range", .with_envelope = true};

static slot slots[MAX_SLOTS];
static PGconn *db;
static publisher kafka;
/// What was sent on the pipeline and not answered yet, oldest first.
static struct { bool is_read; slot *slot; } asked[2 * MAX_SLOTS];
static unsigned asked_head, asked_tail;
static bool is_reading, is_at_end;
static int64_t last_id;
static long settled_rows;

void die(const char *what, const char *why) {
    fprintf(stderr, "outbox-floor: %s: %s\n", what, why);
    exit(1);
}

double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void execute(const char *sql) {
    PGresult *result = PQexec(db, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) die(sql, PQerrorMessage(db));
    PQclear(result);
}

static void prepare(const char *name, const char *sql) {
    PGresult *result = PQprepare(db, name, sql, 0, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) die(name, PQerrorMessage(db));
    PQclear(result);
}

static void connect_database(void) {
    db = PQconnectdb(opt.database);
    if (PQstatus(db) != CONNECTION_OK) die("cannot connect", PQerrorMessage(db));
    execute("SET enable_seqscan = off");
    execute("SET enable_bitmapscan = off");
    execute("SET enable_sort = off");
    // The list of ids is hashed only where the planner sees its value.
    if (opt.deletes_range) execute("SET plan_cache_mode = force_custom_plan");
    char sql[1024];
    snprintf(sql, sizeof sql,
             "SELECT id, topic, key, payload, headers, message_id, type, created_at FROM %s "
             "WHERE id > $1::int8 ORDER BY id LIMIT $2::int8", opt.table);
    prepare("read", sql);
    snprintf(sql, sizeof sql,
             opt.deletes_range
                 ? "DELETE FROM %s WHERE id BETWEEN $1::int8 AND $2::int8 "
                   "AND (id + 0) = ANY($3::int8[])"
                 : "DELETE FROM %s WHERE id = ANY($1::int8[])", opt.table);
    prepare("delete", sql);
    if (PQsetnonblocking(db, 1) != 0 || PQenterPipelineMode(db) != 1)
        die("cannot enter pipeline mode", PQerrorMessage(db));
}

static void send_statement(const char *name, int count, const char *const *values,
                           const int *lengths, bool is_read, slot *slot) {
    static const int binary[3] = {1, 1, 1};
    if (PQsendQueryPrepared(db, name, count, values, lengths, binary, 1) != 1
        || PQpipelineSync(db) != 1)
        die(name, PQerrorMessage(db));
    asked[asked_tail % (2 * MAX_SLOTS)].is_read = is_read;
    asked[asked_tail++ % (2 * MAX_SLOTS)].slot = slot;
}

static void send_read(void) {
    if (is_reading || is_at_end) return;
    slot *free_slot = NULL;
    for (int i = 0; i < opt.in_flight && !free_slot; i++)
        if (slots[i].state == SLOT_FREE) free_slot = &slots[i];
    if (!free_slot) return;
    int64_t after = htobe64(last_id), limit = htobe64(opt.batch);
    const char *values[] = {(char *)&after, (char *)&limit};
    free_slot->state = SLOT_READING;
    is_reading = true;
    send_statement("read", 2, values, (int[]){8, 8}, true, free_slot);
}

static void send_delete(slot *slot) {
    const char *ids = (const char *)&slot->ids;
    int size = (int)(sizeof slot->ids.head + slot->count * sizeof slot->ids.elements[0]);
    const id_element *first = &slot->ids.elements[0], *last = &first[slot->count - 1];
    const char *values[] = {(const char *)&first->value, (const char *)&last->value, ids};
    slot->state = SLOT_DELETING;
    if (opt.deletes_range)
        send_statement("delete", 3, values, (int[]){8, 8, size}, false, slot);
    else
        send_statement("delete", 1, &values[2], &size, false, slot);
}

static void take_rows(slot *slot, PGresult *rows) {
    slot->count = slot->unacknowledged = PQntuples(rows);
    slot->ids.head[3] = htonl((uint32_t)slot->count);
    is_reading = false;
    if (slot->count == 0) {
        is_at_end = true;
        slot->state = SLOT_FREE;
        return;
    }
    for (int row = 0; row < slot->count; row++)
        memcpy(&slot->ids.elements[row].value, PQgetvalue(rows, row, COLUMN_ID), 8);
    int64_t last;
    memcpy(&last, &slot->ids.elements[slot->count - 1].value, 8);
    last_id = be64toh(last);
    slot->state = SLOT_PUBLISHED;
    // The server reads the next batch while this one is handed to librdkafka.
    send_read();
    publish_rows(&kafka, rows, slot, opt.with_envelope);
}

/// Takes the answers that have arrived; each statement gives a result, a NULL and a sync.
static void receive(void) {
    if (PQconsumeInput(db) != 1) die("connection lost", PQerrorMessage(db));
    while (asked_head != asked_tail && !PQisBusy(db)) {
        PGresult *result = PQgetResult(db);
        if (!result) continue;
        ExecStatusType status = PQresultStatus(result);
        slot *slot = asked[asked_head % (2 * MAX_SLOTS)].slot;
        if (status == PGRES_PIPELINE_SYNC) {
            asked_head++;
        } else if (status == PGRES_TUPLES_OK) {
            take_rows(slot, result);
        } else if (status == PGRES_COMMAND_OK) {
            settled_rows += atol(PQcmdTuples(result));
            slot->state = SLOT_FREE;
        } else {
            die("statement failed", PQerrorMessage(db));
        }
        PQclear(result);
    }
}

static bool is_done(void) {
    if (!is_at_end) return false;
    for (int i = 0; i < opt.in_flight; i++)
        if (slots[i].state != SLOT_FREE) return false;
    return true;
}

static void run(void) {
    while (!is_done()) {
        collect_reports(&kafka);
        for (int i = 0; i < opt.in_flight; i++)
            if (slots[i].state == SLOT_PUBLISHED && slots[i].unacknowledged == 0)
                send_delete(&slots[i]);
        send_read();
        int unsent = PQflush(db);
        if (unsent < 0) die("connection lost", PQerrorMessage(db));
        struct pollfd fds[] = {
            {.fd = PQsocket(db), .events = unsent ? POLLIN | POLLOUT : POLLIN},
            {.fd = kafka.wake_up, .events = POLLIN},
        };
        if (poll(fds, 2, 1000) < 0 && errno != EINTR) die("poll", strerror(errno));
        uint64_t count;
        if (fds[1].revents && read(kafka.wake_up, &count, sizeof count) < 0 && errno != EAGAIN)
            die("eventfd", strerror(errno));
        if (fds[0].revents) receive();
    }
}

static void make_slots(void) {
    for (int i = 0; i < opt.in_flight; i++) {
        // int8[] on the wire: dimensions, has NULLs, element type, count, lower bound, elements.
        uint32_t head[5] = {htonl(1), 0, htonl(20), 0, htonl(1)};
        memcpy(slots[i].ids.head, head, sizeof head);
        for (int j = 0; j < MAX_BATCH; j++) slots[i].ids.elements[j].length = htonl(8);
    }
}

static void parse(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--database")) opt.database = value;
        else if (!strcmp(name, "--table")) opt.table = value;
        else if (!strcmp(name, "--brokers")) opt.brokers = value;
        else if (!strcmp(name, "--batch")) opt.batch = atoi(value);
        else if (!strcmp(name, "--in-flight")) opt.in_flight = atoi(value);
        else if (!strcmp(name, "--max-in-flight")) opt.max_in_flight = value;
        else if (!strcmp(name, "--delete")) opt.delete_by = value;
        else if (!strcmp(name, "--headers")) opt.with_envelope = !strcmp(value, "same");
        else die(name, "unknown option");
    }
    opt.deletes_range = !strcmp(opt.delete_by, "range");
    if (argc % 2 == 0 || !opt.database || !opt.brokers || opt.batch < 1 || opt.batch > MAX_BATCH
        || opt.in_flight < 1 || opt.in_flight > MAX_SLOTS)
        die("usage",
            "outbox-floor --database CONNINFO --brokers HOST:PORT [--table NAME] [--batch 1000] "
            "[--in-flight 4] [--max-in-flight 5] [--headers same|own] [--delete range|any]");
}

static void print_figures(double seconds) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double user = used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6;
    double system = used.ru_stime.tv_sec + used.ru_stime.tv_usec / 1e6;
    printf("{\"rows\":%ld,\"seconds\":%.4f,\"rate\":%.0f,\"user_seconds\":%.3f,"
           "\"system_seconds\":%.3f,\"max_rss_kib\":%ld}\n",
           settled_rows, seconds, settled_rows / seconds, user, system, used.ru_maxrss);
}

int main(int argc, char **argv) {
    parse(argc, argv);
    make_slots();
    connect_database();
    open_publisher(&kafka, opt.brokers, opt.max_in_flight);
    double start = now_seconds();
    run();
    print_figures(now_seconds() - start);
    PQfinish(db);
    close_publisher(&kafka);
    return 0;
}
