/* test_grid_mistakes.c - what a user is told of owners, events and faults that
 * cannot be. */
#include "mistakes.h"

#define GRID                                                                 \
    HEAD "clusters: {lab: {nodes: 4, later: 2}, campus: {nodes: 8}, attic: " \
         "{nodes: 1}}\n"                                                     \
         "wan: [{between: [lab, campus], bandwidth: 1 Gbps, latency: 1 "     \
         "ms}]\n"                                                            \
         "until: 2 h\n" JOBS
#define PARTNERS(of_lab) GRID "partners: {lab: {" of_lab "}}\n"
#define EVENT(keys) GRID "events: [{at: 1 h, " keys "}]\n"
#define EVENTS(list) GRID "events: [" list "]\n"
#define RANDOM(keys) GRID "events: [random: {" keys "}]\n"
#define LAWS "after: 1 h, for: 1 h"
#define FAULTS(keys) GRID "faults: {" keys "}\n"
#define FAULT(keys) GRID "faults: {list: [{at: 1 h, " keys "}]}\n"
#define FREEZE(keys) GRID "freeze: {" keys "}\n"
#define CLASS(keys) GRID "freeze: {classes: [{" keys "}]}\n"

static void partners(void)
{
    CHECK({GRID "partners: @[lab]\n", "partners needs keys"},
          {GRID "partners: {@lba: {}}\n",
           "unknown cluster 'lba', did you mean 'lab'?"},
          {GRID "partners: {lab: @campus}\n", "lab needs keys"},
          {PARTNERS("@campsu: {}"),
           "unknown cluster 'campsu', did you mean 'campus'?"},
          {PARTNERS("@lab: {}"), "'lab' is no partner of its own"},
          {PARTNERS("campus: {}, @campus: {}"), "'campus' is given twice"},
          {PARTNERS("campus: {@prioriy: 3}"), "did you mean 'priority'?"},
          {PARTNERS("campus: {priority: @0}"),
           "priority: '0' is too small, give at least 1"},
          {PARTNERS("campus: {priority: @65535}"), "give at most 65534"},
          {PARTNERS("campus: {go: @maybe}"),
           "unknown go 'maybe', known here: false, true, no, yes"},
          {PARTNERS("campus: {cap: @0}"), "give at least 1"},
          {PARTNERS("campus: {cap: @-1}"), "or 'none'"},
          {HEAD "platform: /dev/null\npartners: {@lab: {}}\n" JOBS,
           "unknown cluster 'lab', those of a platform are known only when "
           "it runs"}, );
}

static void events(void)
{
    CHECK(
        {GRID "events: @{}\n", "events needs a list"},
        {EVENTS("@isolate"), "an event needs keys"},
        {EVENTS("@{at: 1 h}"), "this event does nothing, add what it does"},
        {EVENT("@isolat: lab"),
         "unknown key 'isolat' in an event, did you mean 'isolate'?"},
        {EVENT("isolate: lab, @dead-line: 3 s"),
         "unknown key 'dead-line' in isolate, did you mean 'deadline'?"},
        {EVENTS("@{isolate: lab}"),
         "'at' is missing, isolate needs it, add at: 1 s"},
        {EVENTS("{at: @3600, isolate: lab}"), "has no unit"},
        {EVENTS("{at: @3 h, isolate: lab}"),
         "at: '3 h' is after until, 2 h, so it never happens"},
        {EVENT("isolate: lab, @rejoin: lab"),
         "both isolate and rejoin in one event"},
        {EVENT("isolate: @lba"), "unknown cluster 'lba', did you mean 'lab'?"},
        {EVENT("isolate: @3"), "unknown cluster '3'"},
        {EVENT("isolate: lab, @then: kill"),
         "then: without a deadline it never comes to that"},
        {EVENT("isolate: lab, deadline: 1 s, then: @kil"),
         "did you mean 'kill'?"},
        {EVENT("leave: lab, deadline: 1 s, then: @freeze"),
         "a node that goes down loses what is frozen there"},
        {EVENT("block: lab, @deadline: 1 s"),
         "deadline: block takes none, only these do: isolate, expel, leave"},
        {EVENT("rejoin: lab, @times: 3"),
         "times: without every it happens once"},
        {EVENT("rejoin: lab, every: @1 us"), "give at least 1 ms"},
        {EVENT("block: @13"), "there is no node '13', nodes are 0 to 12"},
        {EVENT("block: [2, @4]"),
         "node 4 is not of the cluster of node 2, lab, whose nodes are 0 to 3"},
        {EVENT("block: [2, @1]"), "is before the first node, swap them"},
        {EVENT("block: @[1, 2, 3]"), "3 values, write the first and the last"},
        {EVENT("block: @{lab: 1}"), "block needs a single value"},
        {EVENT("@reserve: lab"),
         "'for' is missing, reserve needs it, add for: lab"},
        {EVENT("reserve: lab, for: @nobody"), "unknown cluster 'nobody'"},
        {EVENT("guests: lab, to: @65536"), "give at most 65535"},
        {EVENT("@guests: lab"), "'to' is missing, guests needs it"},
        {EVENT("@partner: lab, of: campus"), "partner: nothing changes"},
        {EVENT("partner: lab, of: @lab, go: no"), "is no partner of its own"},
        {EVENT("partner: lab, of: campus, priority: @0"),
         "priority: '0' is too small, give at least 1"},
        {EVENT("grow: lab, by: @3"),
         "lab grows by 3 nodes in all, 2 were planned"},
        {EVENT("grow: campus, by: @1"), "campus grows by 1 nodes in all, 0"},
        {EVENT("grow: lab, by: 1, @every: 1 min"), "cannot grow without end"},
        {EVENT("grow: lab, by: @1, every: 1 min, times: 3"), "grows by 3"},
        {EVENTS("{at: 1 s, grow: lab, by: 2}, {at: 0 s, grow: lab, by: @1}"),
         "lab grows by 3 nodes in all, 2 were planned"},
        {EVENT("move: @1, to: out"), "there is no job '1', jobs are 0 to 0"},
        {EVENT("move: 0, to: @away"), "'away' is no place, write the number"},
        {EVENT("move: 0, to: @13"), "there is no node '13'"},
        {EVENT("freeze: {group: @3}"), "no load has group: 3"},
        {EVENT("freeze: {@grop: 3}"), "did you mean 'group'?"},
        {EVENT("freeze: [0, @1]"), "there is no job '1'"},
        {EVENT("priority: 0, to: @65536"), "give at most 65535"},
        {EVENTS("{@trace: gone.tsv, at: 1 h}"), "it stands alone in its entry"},
        {EVENTS("{trace: @gone.tsv}"), "gone.tsv does not exist"}, );
}

static void random_owners(void)
{
    CHECK({GRID "events: [random: @3]\n", "random needs keys"},
          {EVENTS("{@random: {do: leave}, at: 1 h}"), "it stands alone"},
          {RANDOM("do: @rejoin, clusters: all, " LAWS), "unknown do 'rejoin'"},
          {GRID "events: [@random: {do: leave, nodes: 0, for: 1 s}]\n",
           "'after' is missing, random needs it"},
          {RANDOM("do: leave, nodes: lab, @clusters: lab, " LAWS),
           "both nodes and clusters"},
          {GRID "events: [@random: {do: leave, " LAWS "}]\n",
           "neither nodes nor clusters, add one"},
          {RANDOM("do: isolate, @nodes: lab, " LAWS),
           "only a whole cluster isolates itself"},
          {RANDOM("do: block, nodes: lab, @deadline: 1 s, " LAWS),
           "block takes none"},
          {RANDOM("do: leave, nodes: lab, @then: kill, " LAWS),
           "without a deadline"},
          {RANDOM("do: leave, nodes: lab, deadline: 1 s, then: @freeze, " LAWS),
           "loses what is frozen there"},
          {RANDOM("do: leave, clusters: [campus, @lab], " LAWS),
           "'lab' stands before the first one"},
          {RANDOM("do: leave, clusters: @[campus], " LAWS), "1 values"},
          {RANDOM("do: leave, nodes: lab, after: @0 s, for: 1 s"),
           "give at least 1 us"}, );
}

static void faults(void)
{
    CHECK({FAULTS("@mtbf: 30 d"), "unknown key 'mtbf' in faults"},
          {FAULTS("node_mtbf: @0 d"), "is too small, give more than 0"},
          {FAULTS("node_mtbf: @30"), "has no unit, add one of us, ms, s, min"},
          {FAULTS("repair: @0 s"), "give more than 0"},
          {FAULTS("loss: @1.1"), "give at most 1"},
          {FAULTS("loss: @-0.1"), "is negative"},
          {FAULTS("drift: @100001"), "give at most 100000"},
          {FAULTS("lost-after: @0 s"), "give at least 1 ms"},
          {FAULTS("home-crash: @perhaps"), "known here: false, true"},
          {FAULTS("trace: @gone.tsv"), "gone.tsv does not exist"},
          {FAULTS("list: @{}"), "list needs a list"},
          {FAULTS("list: [@{at: 1 s}]"),
           "nothing breaks in this fault, add crash"},
          {FAULT("@chrash: lab"),
           "unknown key 'chrash' in faults.list, did you mean 'crash'?"},
          {FAULT("crash: 1, @loss: 0.5"), "both crash and loss in one fault"},
          {FAULTS("list: [{at: @3 h, crash: 1}]"), "is after until, 2 h"},
          {FAULTS("list: [@{crash: 1}]"), "'at' is missing"},
          {FAULT("crash: @13"), "there is no node '13'"},
          {FAULT("crash: 1, for: @0 s"), "give at least 1 us"},
          {FAULT("cut: @[lab]"), "1 clusters, a link joins two"},
          {FAULT("cut: [lab, @lab]"), "'lab' twice"},
          {FAULT("cut: @[lab, attic]"),
           "lab and attic have no link of their own"},
          {FAULT("partition: @[[lab, campus, attic]]"), "1 sides, write at"},
          {FAULT("partition: @[[lab], [campus]]"), "attic is on no side"},
          {FAULT("partition: [[lab, attic], [campus, @attic]]"),
           "attic is on a side already"},
          {FAULT("partition: [[lab, attic, campus], @[]]"), "without clusters"},
          {FAULT("@slow: lab"), "'factor' is missing, slow needs it"},
          {FAULT("slow: lab, factor: @0"), "give at least 0.001"},
          {FAULT("slow: lab, factor: @1.5"), "give at most 1"},
          {FAULT("crash: lab, @factor: 0.5"), "crash has none, only slow"},
          {FAULT("loss: @2"), "give at most 1"}, );
}

static void freezing(void)
{
    CHECK(
        {FREEZE("classes: @{}"), "classes needs a list"},
        {FREEZE("classes: [@{class: 1, red: 6}]"), "'blue' is missing"},
        {CLASS("class: 1, red: 6, blue: @7"), "blue: '7' is not below red, 6"},
        {CLASS("class: 1, red: 6, blue: @5.5"), "by at least one process"},
        {CLASS("class: @65536, red: 6, blue: 4"), "give at most 65535"},
        {CLASS("class: 1, red: 6, blue: 4, units: @jobs"),
         "known here: processes, load"},
        {CLASS("class: 1, red: 6, blue: 4, auto-home: @-1"), "or 'none'"},
        {CLASS("class: 1, red: 6, blue: 4, min: 3, max: @2"),
         "is below min, 3"},
        {CLASS("class: 1, red: 6, blue: 4, slice: @2 d"), "give at most 1 d"},
        {CLASS("class: 1, red: 6, blue: 4}, {class: @1, red: 6, blue: 4"),
         "class: 1 is in the list already"},
        {GRID "@freeze: {classes: [{class: 1, red: 6, blue: 4}]}\n"
              "policies: [freeze_marks: {slice: 1 s}]\n",
         "freeze_marks of class 1 is among the policies"},
        {GRID "@freeze: {classes: [{class: 1, red: 6, blue: 4}]}\n"
              "policies: [gossip_vector, gossip_window, balance_mosix, "
              "balance_threshold, usher_mosix, place_home, place_best, "
              "queue_fifo]\n",
         "more than 8 policies, with those that the classes"},
        {FREEZE("@flood: {rate: 1 /s}"), "'burst' is missing"},
        {FREEZE("flood: {burst: @0}"), "give at least 1"},
        {FREEZE("flood: {burst: 1, rate: @2}"), "has no unit"},
        {GRID "checkpoint: {every: @0 s}\n", "give at least 1 ms"},
        {GRID "checkpoint: {every: 1 h, keep: @0}\n", "give at least 1"},
        {GRID "checkpoint: {on: @disk}\n", "known here: home, server"},
        {GRID "checkpoint: {disk: @0 MB/s}\n", "give at least 1 B/s"}, );
}

/* 65 partners of lab, on lines of their own, or 64 and the last by an event. */
static char *many_partners(bool by_event)
{
    enum { PARTNERS_MAX = 64 };
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    fputs(HEAD JOBS "clusters: {lab: {nodes: 1}", out);
    for (int i = 0; i <= PARTNERS_MAX; i++)
        fprintf(out, ", c%d: {nodes: 1}", i);
    fputs("}\npartners: {lab: {others: {}", out);
    for (int i = 0; i < PARTNERS_MAX + !by_event; i++)
        fprintf(out, ",\nc%d: {}", i);
    fputs("}}\n", out);
    if (by_event)
        fputs(
            "events:\n- {at: 0 s, partner: lab, of: c3, go: no}\n"
            "- {at: 0 s, partner: lab, of: c64, go: no}\n",
            out);
    fclose(out);
    return text;
}

static void partner_limit(void)
{
    /* partners: is in line 4, c0 in line 5. */
    static const size_t lines[] = {5 + 64, 5 + 63 + 3};
    for (int by_event = 0; by_event < 2; by_event++) {
        struct scenario *s = NULL;
        struct complaint complaint;
        char *text = many_partners(by_event);
        CU_ASSERT_EQUAL(
            scenario_parse(text, strlen(text), "it", NULL, 0, &s, &complaint),
            -EINVAL);
        CU_ASSERT_EQUAL(complaint.line, lines[by_event]);
        CU_ASSERT_PTR_NOT_NULL(
            strstr(complaint.text, "more than 64 partners of one cluster"));
        free(text);
    }
}

SUITE_MAIN("mistakes in the grid of a scenario",
           {"partners that cannot be are refused", partners},
           {"events that cannot be are refused", events},
           {"owners who come and go by laws need laws", random_owners},
           {"faults that cannot be are refused", faults},
           {"marks, floods and checkpoints name their ranges", freezing},
           {"an owner names 64 partners, by whatever key", partner_limit})
