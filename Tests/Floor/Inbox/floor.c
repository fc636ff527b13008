/// inbox-floor: how fast this machine applies a topic to a table when no promise is kept.
///
/// The plain loop over the two C libraries that Postbox is measured against: take up to a thousand
/// records, and in one statement insert the ids that are new, add their amounts to an account for
/// each key, and note the offsets; one connection, the next batch under way while the server works.
/// It reads from the beginning, knows no group, no window and no failure but to stop.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "floor.h"

enum { IN_FLIGHT = 2, PATIENCE_SECONDS = 20 };

static struct {
    const char *database, *brokers, *topic, *schema, *id;
    int batch;
    long messages;
} opt = {.schema = "bench", .id = "text", .batch = 1000};

static PGconn *db;
static rd_kafka_t *kafka;
static rd_kafka_queue_t *records;
static batch batches[IN_FLIGHT];
static long taken, applied, batch_count;
static unsigned sent, answered;

void die(const char *what, const char *why) {
    fprintf(stderr, "inbox-floor: %s: %s\n", what, why);
    exit(1);
}

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void expect_command(PGresult *result, const char *what) {
    if (PQresultStatus(result) != PGRES_COMMAND_OK) die(what, PQerrorMessage(db));
    PQclear(result);
}

static void connect_database(void) {
    // An amount is as many bytes as the payload has. The planner guesses arrays to be short, and
    // would compare each element with each.
    static const char apply[] =
        "WITH input AS (SELECT * FROM unnest($1::%1$s[], $2::text[], $3::int8[]) "
        "    AS t (id, key, amount)), "
        "fresh AS (INSERT INTO %2$s.seen (message_id) SELECT id FROM input "
        "    ON CONFLICT DO NOTHING RETURNING message_id), "
        "sums AS (SELECT key, count(*) AS messages, sum(amount)::int8 AS amount "
        "    FROM input JOIN fresh ON fresh.message_id = input.id GROUP BY key), "
        "applied AS (INSERT INTO %2$s.account AS a (key, messages, amount) "
        "    SELECT key, messages, amount FROM sums "
        "    ON CONFLICT (key) DO UPDATE SET messages = a.messages + excluded.messages, "
        "        amount = a.amount + excluded.amount) "
        "INSERT INTO %2$s.floor_position (partition, next_offset) "
        "SELECT * FROM unnest($4::int4[], $5::int8[]) "
        "ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset";
    char sql[2048];
    snprintf(sql, sizeof sql, apply, opt.id, opt.schema);
    db = PQconnectdb(opt.database);
    if (PQstatus(db) != CONNECTION_OK) die("cannot connect", PQerrorMessage(db));
    expect_command(PQexec(db, "SET plan_cache_mode = force_generic_plan; SET jit = off; "
                              "SET enable_nestloop = off; SET enable_mergejoin = off"), "SET");
    expect_command(PQprepare(db, "apply", sql, 0, NULL), "apply");
    if (PQenterPipelineMode(db) != 1) die("cannot enter pipeline mode", PQerrorMessage(db));
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK)
        die(name, error);
}

static void assign_all_partitions(void) {
    rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, opt.topic, NULL);
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(kafka, 0, topic, &metadata, 10000);
    if (code) die("metadata", rd_kafka_err2str(code));
    int count = metadata->topics[0].partition_cnt;
    if (count < 1 || count > MAX_PARTITIONS) die(opt.topic, "has no or too many partitions");
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(count);
    for (int i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, opt.topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    code = rd_kafka_assign(kafka, list);
    if (code) die("assign", rd_kafka_err2str(code));
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
}

static void open_consumer(void) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", opt.brokers);
    set(conf, "client.id", "inbox-floor");
    set(conf, "group.id", "inbox-floor");
    set(conf, "enable.auto.commit", "false");
    set(conf, "fetch.wait.max.ms", "10");
    set(conf, "auto.offset.reset", "error");
    char error[256];
    kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (!kafka) die("cannot make a consumer", error);
    rd_kafka_poll_set_consumer(kafka);
    records = rd_kafka_queue_get_consumer(kafka);
    assign_all_partitions();
}

/// Waits for a first record, and takes with it what else is there.
static int take(rd_kafka_message_t **messages, int timeout_ms) {
    ssize_t first = rd_kafka_consume_batch_queue(records, timeout_ms, messages, 1);
    if (first <= 0) return 0;
    ssize_t more =
        rd_kafka_consume_batch_queue(records, 0, messages + 1, (size_t)opt.batch - 1);
    return 1 + (more > 0 ? (int)more : 0);
}

static void send_batch(batch *batch) {
    const char *values[PARAMETER_COUNT];
    int lengths[PARAMETER_COUNT], binary[PARAMETER_COUNT];
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        values[i] = batch->parameters[i].bytes;
        lengths[i] = (int)batch->parameters[i].size;
        binary[i] = 1;
    }
    if (PQsendQueryPrepared(db, "apply", PARAMETER_COUNT, values, lengths, binary, 1) != 1
        || PQpipelineSync(db) != 1 || PQflush(db) < 0)
        die("apply", PQerrorMessage(db));
    sent++;
}

/// Waits until the oldest batch has committed.
static void receive_answer(void) {
    for (;;) {
        PGresult *result = PQgetResult(db);
        ExecStatusType status = result ? PQresultStatus(result) : PGRES_COMMAND_OK;
        if (status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC)
            die("apply", PQerrorMessage(db));
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC) break;
        if (PQstatus(db) != CONNECTION_OK) die("connection lost", PQerrorMessage(db));
    }
    applied += batches[answered++ % IN_FLIGHT].messages;
}

/// Returns when the first record came.
static double run(void) {
    static rd_kafka_message_t *messages[MAX_BATCH];
    double start = 0, last = now_seconds();
    while (applied < opt.messages) {
        bool is_idle = sent == answered;
        int count = taken < opt.messages ? take(messages, is_idle ? 100 : 0) : 0;
        if (count > 0) {
            last = now_seconds();
            if (start == 0) start = last;
            batch *batch = &batches[sent % IN_FLIGHT];
            fill_batch(batch, messages, count);
            send_batch(batch);
            taken += count;
            batch_count++;
        } else if (is_idle && now_seconds() - last > PATIENCE_SECONDS) {
            die(opt.topic, "holds fewer records than expected");
        }
        if (sent - answered == IN_FLIGHT || (count == 0 && !is_idle)) receive_answer();
    }
    return start;
}

static void parse(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--database")) opt.database = value;
        else if (!strcmp(name, "--brokers")) opt.brokers = value;
        else if (!strcmp(name, "--topic")) opt.topic = value;
        else if (!strcmp(name, "--messages")) opt.messages = atol(value);
        else if (!strcmp(name, "--schema")) opt.schema = value;
        else if (!strcmp(name, "--batch")) opt.batch = atoi(value);
        else if (!strcmp(name, "--id")) opt.id = value;
        else die(name, "unknown option");
    }
    bool is_uuid = !strcmp(opt.id, "uuid");
    if (argc % 2 == 0 || !opt.database || !opt.brokers || !opt.topic || opt.messages < 1
        || opt.batch < 1 || opt.batch > MAX_BATCH || (!is_uuid && strcmp(opt.id, "text")))
        die("usage",
            "inbox-floor --database CONNINFO --brokers HOST:PORT --topic NAME --messages N "
            "[--schema bench] [--batch 1000] [--id text|uuid]");
    for (int i = 0; i < IN_FLIGHT; i++) batches[i].ids_are_uuids = is_uuid;
}

static void print_figures(double seconds) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double user = used.ru_utime.tv_sec + used.ru_utime.tv_usec / 1e6;
    double system = used.ru_stime.tv_sec + used.ru_stime.tv_usec / 1e6;
    printf("{\"messages\":%ld,\"batches\":%ld,\"seconds\":%.4f,\"rate\":%.0f,"
           "\"user_seconds\":%.3f,\"system_seconds\":%.3f,\"max_rss_kib\":%ld}\n",
           applied, batch_count, seconds, applied / seconds, user, system, used.ru_maxrss);
}

int main(int argc, char **argv) {
    parse(argc, argv);
    connect_database();
    open_consumer();
    double start = run();
    print_figures(now_seconds() - start);
    PQfinish(db);
    rd_kafka_queue_destroy(records);
    rd_kafka_destroy_flags(kafka, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return 0;
}
