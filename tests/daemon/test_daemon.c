/* test_daemon.c - daemons on loopback: they know of each other, notice a death,
 * and nobody who is no member makes them say or believe anything. */
#include "../suite.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../real/daemon/requests.h"
#include "cluster_here.h"

/* A round each 200 ms; who is silent is suspected for 4 of them. */
#define SWIM \
    "  - gossip_swim: {period: 200 ms, timeout: 100 ms, suspicion: 4}\n"

/* Of what place 0 answers to `nodes`, about place `of`. */
static json_t *row(struct cluster_here *k, size_t of, json_t **ret_answer)
{
    *ret_answer = cluster_ask(k, 0, "\"do\":\"nodes\"");
    return json_array_get(json_object_get(*ret_answer, "nodes"), of);
}

static bool state_is(struct cluster_here *k, size_t of, const char *state)
{
    json_t *answer;
    const char *text =
        json_string_value(json_object_get(row(k, of, &answer), "state"));
    bool is = text && strcmp(text, state) == 0;
    json_decref(answer);
    return is;
}

static bool all_are_known(struct cluster_here *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (!state_is(k, i, "blocked"))
            return false;
    return true;
}

static bool last_is_dead(struct cluster_here *k)
{
    return state_is(k, k->count - 1, "dead");
}

static void nodes_tells_what_each_measured(void)
{
    struct cluster_here k;
    json_t *answer;
    cluster_raise(&k, 3, SWIM);
    CU_ASSERT_TRUE(cluster_until(&k, all_are_known, 10000));
    for (size_t i = 0; i < 3; i++) {
        json_t *of = row(&k, i, &answer);
        /* All three are this machine. */
        CU_ASSERT_EQUAL(
            json_integer_value(json_object_get(of, "mem_total_bytes")) >> 16,
            sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE) >> 16);
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(of, "speed_milli")),
                        1000);
        CU_ASSERT(json_integer_value(json_object_get(of, "age_us")) < 10000000);
        json_decref(answer);
    }
    cluster_close(&k);
}

/* Swim pings all others within count periods of 200 ms, is patient for the
 * timeouts and then suspects for 4 periods: 3 x 200 + 200 + 4 x 200 ms, and as
 * much again for a busy machine. */
static void a_daemon_that_is_killed_is_held_for_dead(void)
{
    struct cluster_here k;
    cluster_raise(&k, 3, SWIM);
    CU_ASSERT_TRUE_FATAL(cluster_until(&k, all_are_known, 10000));
    cluster_kill(&k, 2);
    CU_ASSERT_FALSE(last_is_dead(&k));
    CU_ASSERT_TRUE(cluster_until(&k, last_is_dead, 3200));
    CU_ASSERT_TRUE(state_is(&k, 1, "blocked"));
    /* It comes back, and its own word revives it. */
    cluster_start(&k, 2);
    CU_ASSERT_TRUE(cluster_until(&k, all_are_known, 10000));
    cluster_close(&k);
}

static void inject(struct cluster_here *k, const void *bytes, size_t count)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_FATAL(s >= 0);
    CU_ASSERT_EQUAL(
        sendto(s, bytes, count, 0, (struct sockaddr *)&k->members[0].at,
               k->members[0].at_bytes),
        (ssize_t)count);
    close(s);
}

static uint64_t refused(struct cluster_here *k)
{
    return daemon_counts(k->nodes[0].daemon).refused;
}

/* Somebody who says to be node 2 and has another key; the same datagram again
 * and again; cut ones; noise. */
static void what_is_forged_is_refused_and_said_once(void)
{
    struct cluster_here k;
    struct identity other;
    struct seal forged;
    uint8_t datagram[SEAL_DATAGRAM_BYTES_MAX] = {0};
    cluster_raise(&k, 2, SWIM);
    identity_make(&other);
    CU_ASSERT_EQUAL_FATAL(
        seal_init(&forged, &other, 2, k.members[0].key, 1, 0, 1), 0);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    usec_t now_us = (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000;
    size_t size =
        seal_close(&forged, now_us, (const uint8_t *)"hello", 5, datagram);
    for (int i = 0; i < 10; i++) {
        inject(&k, datagram, size);
        inject(&k, datagram, 20);
        inject(&k, "noise", 5);
    }
    cluster_run(&k, 200);
    CU_ASSERT_EQUAL(refused(&k), 30);
    CU_ASSERT_EQUAL(cluster_said(&k, 0, "datagrams that say to be of node 2"),
                    1);
    CU_ASSERT_EQUAL(cluster_said(&k, 0, "datagrams of nobody"), 1);
    CU_ASSERT_TRUE(cluster_until(&k, all_are_known, 10000));
    seal_forget(&forged);
    identity_forget(&other);
    cluster_close(&k);
}

/* Heard by a node that is itself a member: what it sealed for another. */
static void a_datagram_counts_once(void)
{
    struct cluster_here k;
    struct seal own;
    uint8_t datagram[SEAL_DATAGRAM_BYTES_MAX];
    cluster_raise(&k, 2, SWIM);
    cluster_kill(&k, 1); /* We speak in its place. */
    cluster_run(&k, 20);
    CU_ASSERT_EQUAL_FATAL(
        seal_init(&own, &k.identities[1], 2, k.members[0].key, 1, 0, 1), 0);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    usec_t now_us = (usec_t)now.tv_sec * 1000000 + (usec_t)now.tv_nsec / 1000;
    size_t size =
        seal_close(&own, now_us, (const uint8_t *)"hello", 5, datagram);
    uint64_t before = daemon_counts(k.nodes[0].daemon).heard;
    for (int i = 0; i < 5; i++)
        inject(&k, datagram, size);
    cluster_run(&k, 200);
    CU_ASSERT_EQUAL(daemon_counts(k.nodes[0].daemon).heard, before + 1);
    CU_ASSERT_EQUAL(refused(&k), 4);
    CU_ASSERT_EQUAL(cluster_said(&k, 0, "node 2 are refused"), 1);
    seal_forget(&own);
    cluster_close(&k);
}

/* ---- The local socket. --------------------------------------------------- */

static int reach(struct cluster_here *k)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", k->nodes[0].socket);
    CU_ASSERT_FATAL(s >= 0);
    CU_ASSERT_EQUAL_FATAL(connect(s, (struct sockaddr *)&at, sizeof at), 0);
    return s;
}

/* What came, as far as it goes. */
static size_t exchange(struct cluster_here *k,
                       int s,
                       const char *text,
                       size_t text_bytes,
                       char *ret,
                       size_t room)
{
    CU_ASSERT_EQUAL(send(s, text, text_bytes, MSG_NOSIGNAL),
                    (ssize_t)text_bytes);
    cluster_run(k, 100);
    size_t total = 0;
    ssize_t count;
    while (total < room - 1 &&
           (count = recv(s, ret + total, room - 1 - total, MSG_DONTWAIT)) > 0)
        total += (size_t)count;
    ret[total] = '\0';
    return total;
}

static void garbage_is_answered_and_stops_nothing(void)
{
    static const char garbage[] =
        "garbage\n[]\n{\"vencejo\":1}\n{\"vencejo\":9,\"do\":\"nodes\"}\n"
        "{\"vencejo\":1,\"do\":\"mark\",\"text\":5}\n"
        "{\"vencejo\":1,\"do\":\"status\"}\n";
    struct cluster_here k;
    char answer[8192];
    size_t no_count = 0;
    cluster_raise(&k, 1, SWIM);
    int s = reach(&k);
    exchange(&k, s, garbage, strlen(garbage), answer, sizeof answer);
    for (const char *at = answer; (at = strstr(at, "\"ok\":false")); at++)
        no_count++;
    CU_ASSERT_EQUAL(no_count, 5);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "\"name\":\"ada\""));
    close(s);
    cluster_close(&k);
}

static void a_line_without_end_is_cut_off(void)
{
    struct cluster_here k;
    static char line[CONTROL_LINE_BYTES_MAX];
    char answer[1024];
    memset(line, 'x', sizeof line);
    cluster_raise(&k, 1, SWIM);
    int s = reach(&k);
    exchange(&k, s, line, sizeof line, answer, sizeof answer);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "too long"));
    CU_ASSERT_EQUAL(recv(s, answer, 1, 0), 0);
    close(s);
    cluster_close(&k);
}

static void who_asks_too_much_is_cut_off(void)
{
    static const char ask[] = "{\"vencejo\":1}\n";
    struct cluster_here k;
    static char lines[sizeof ask * 200], answer[200 * 256];
    size_t length = 0;
    for (int i = 0; i < 200; i++)
        length +=
            (size_t)snprintf(lines + length, sizeof lines - length, "%s", ask);
    cluster_raise(&k, 1, SWIM);
    int s = reach(&k);
    exchange(&k, s, lines, length, answer, sizeof answer);
    size_t count = 0;
    for (const char *at = answer; (at = strchr(at, '\n')); at++)
        count++;
    /* The burst, what comes to it in 100 ms, and the word that ends it. */
    CU_ASSERT(count > CONTROL_BURST);
    CU_ASSERT(count <= CONTROL_BURST + 8);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "too many requests"));
    close(s);
    cluster_close(&k);
}

static void only_the_owner_commands(void)
{
    static const char block[] = "{\"vencejo\":1,\"do\":\"block\"}";

    const struct workload_caller nobody = {.uid = 65534};
    struct cluster_here k;
    cluster_raise(&k, 1, SWIM);
    json_t *answer = control_judge(block, strlen(block), &nobody,
                                   requests_answer, k.nodes[0].daemon);
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_object_get(answer, "outcome")), "refused");
    json_decref(answer);
    answer = cluster_ask(&k, 0, "\"do\":\"stay\"");
    CU_ASSERT_TRUE(json_is_true(json_object_get(answer, "ok")));
    json_decref(answer);
    cluster_close(&k);
}

/* What the owner said is kept; so is the cluster's record. */
static void a_restart_forgets_no_word(void)
{
    struct cluster_here k;
    size_t count;
    cluster_raise(&k, 1, SWIM);
    json_decref(cluster_ask(&k, 0,
                            "\"do\":\"expel\",\"deadline_us\":60000000,"
                            "\"then\":\"freeze\""));
    json_decref(cluster_ask(&k, 0, "\"do\":\"reserve\",\"user\":5"));
    json_decref(cluster_ask(&k, 0, "\"do\":\"guests\",\"guests\":3"));
    json_decref(cluster_ask(&k, 0, "\"do\":\"isolate\""));
    cluster_kill(&k, 0);
    cluster_run(&k, 20);
    cluster_start(&k, 0);
    const struct owner_word *word = daemon_word(k.nodes[0].daemon);
    CU_ASSERT_EQUAL(word->state, NODE_DRAINING);
    CU_ASSERT_EQUAL(word->then, THEN_FREEZE);
    CU_ASSERT_EQUAL(word->within_us, 60000000);
    CU_ASSERT_TRUE(word->has_reservation);
    CU_ASSERT_EQUAL(word->reservation.user, 5);
    CU_ASSERT_EQUAL(word->guest_limit, 3);
    const struct cluster_record *record =
        daemon_records(k.nodes[0].daemon, &count);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_EQUAL(record->version, 2);
    CU_ASSERT_EQUAL(record->state, CLUSTER_ISOLATED);
    cluster_close(&k);
}

static bool second_knows_version_two(struct cluster_here *k)
{
    size_t count;
    return daemon_records(k->nodes[1].daemon, &count)->version == 2;
}

static void what_the_owner_changes_is_heard_by_others(void)
{
    struct cluster_here k;
    cluster_raise(&k, 2, SWIM);
    CU_ASSERT_TRUE_FATAL(cluster_until(&k, all_are_known, 10000));
    json_decref(cluster_ask(&k, 0, "\"do\":\"isolate\""));
    CU_ASSERT_TRUE(cluster_until(&k, second_knows_version_two, 10000));
    cluster_close(&k);
}

SUITE_MAIN("daemon",
           {"nodes tells what each measured", nodes_tells_what_each_measured},
           {"a daemon that is killed is held for dead",
            a_daemon_that_is_killed_is_held_for_dead},
           {"what is forged is refused and said once",
            what_is_forged_is_refused_and_said_once},
           {"a datagram counts once", a_datagram_counts_once},
           {"garbage is answered and stops nothing",
            garbage_is_answered_and_stops_nothing},
           {"a line without end is cut off", a_line_without_end_is_cut_off},
           {"who asks too much is cut off", who_asks_too_much_is_cut_off},
           {"only the owner commands", only_the_owner_commands},
           {"a restart forgets no word", a_restart_forgets_no_word},
           {"what the owner changes is heard by others",
            what_the_owner_changes_is_heard_by_others})
