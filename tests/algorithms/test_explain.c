/* test_explain.c - why does this process not move? */
#include "algorithms/node/explain.h"
#include "tests/suite.h"
#include "trio.h"

/* Looks at one process only, the one with the highest id. */
static void look_at_last(const struct policy_ctx *c)
{
    uint64_t *calls = c->state;
    (*calls)++;
    const struct proc_info *proc = &c->procs[c->proc_count - 1];
    for (size_t i = 0; i < c->peer_count; i++) {
        const char *why = obstacle(c, proc, peer_at(c, i));
        policy_stay(c, proc->id, peer_at(c, i)->word.id, "%s",
                    why ? why : "not better");
    }
    if (c->peer_count > 1)
        policy_move(c, proc->id, peer_at(c, 0)->word.id, "drawn %u",
                    rng_below(c->rng, 1000));
}

static void decide_on_arrival(const struct policy_ctx *c,
                              const struct proc_info *proc)
{
    policy_stay(c, proc->id, NODE_NONE, "it has just come");
}

static const struct policy looker = {
    .abi = POLICY_ABI,
    .name = "balance_looker",
    .summary = "looks",
    .source = "test",
    .state_size = 8,
    .sampled = look_at_last,
    .arrived = decide_on_arrival,
};
static const struct policy speaker = {
    .abi = POLICY_ABI,
    .name = "balance_speaker",
    .summary = "looks at the last only",
    .source = "test",
    .state_size = 8,
    .sampled = look_at_last,
};
static const struct node_policy list[] = {{.policy = &looker},
                                          {.policy = &speaker}};

static struct trio *make(void)
{
    struct trio *trio = trio_create(list, 2, false);
    trio_submit(trio, 1, 1);
    trio_submit(trio, 1, 2);
    node_believe(trio_node(trio, 1), node_self(trio_node(trio, 2)),
                 trio->now_us);
    return trio;
}

static const char *explain(struct trio *trio, node_id id, proc_id proc)
{
    static char text[4096];
    struct node_config config = node_config_of(trio_node(trio, id));
    void *scratch = aligned_alloc(16, node_bytes(&config));
    uint64_t before = node_hash(trio_node(trio, id));
    size_t length = node_explain(trio_node(trio, id), trio->now_us, proc,
                                 scratch, trio->batch, text, sizeof text);
    CU_ASSERT_EQUAL(before, node_hash(trio_node(trio, id)));
    CU_ASSERT_EQUAL(length, strlen(text));
    free(scratch);
    return text;
}

static bool has(const char *text, const char *line)
{
    return strstr(text, line) != NULL;
}

static void says_what_policies_say(void)
{
    struct trio *trio = make();
    const char *text = explain(trio, 1, 2);
    CU_ASSERT(has(text, "balance_looker: stay 2 -> 2: not better\n"));
    CU_ASSERT(has(text, "balance_looker: stay 2: it has just come\n"));
    trio_destroy(trio);
}

static void last_decision_comes_first(void)
{
    struct trio *trio = make();
    const char *text = explain(trio, 1, 2);
    CU_ASSERT_EQUAL(strncmp(text, "node: last 2: no policy sent it elsewhere\n",
                            strlen("node: last 2: no policy sent it "
                                   "elsewhere\n")),
                    0);
    trio_destroy(trio);
}

static void who_was_looked_at_instead(void)
{
    struct trio *trio = make();
    const char *text = explain(trio, 1, 1);
    CU_ASSERT(has(text, "balance_speaker: stay 1: it looked at 2 instead\n"));
    CU_ASSERT_FALSE(has(text, " 2 ->"));
    trio_destroy(trio);
}

static void a_rehearsal_does_nothing(void)
{
    struct trio *trio = make();
    node_believe(trio_node(trio, 1), node_self(trio_node(trio, 3)),
                 trio->now_us);
    char first[4096];
    snprintf(first, sizeof first, "%s", explain(trio, 1, 2));
    CU_ASSERT(has(first, "balance_looker: move 2 -> "));
    CU_ASSERT_STRING_EQUAL(first, explain(trio, 1, 2)); /* Same draw again. */
    CU_ASSERT_EQUAL(trio_count(trio, 1, ACTION_ASKED, 0), 0);
    trio_destroy(trio);
}

static void all_processes_at_once(void)
{
    struct trio *trio = make();
    const char *text = explain(trio, 1, 0);
    CU_ASSERT(has(text, "node: last 1:"));
    CU_ASSERT(has(text, "node: last 2:"));
    trio_destroy(trio);
}

static void of_those_elsewhere_it_says_where(void)
{
    struct trio *trio = make();
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    CU_ASSERT_STRING_EQUAL(explain(trio, 1, 1),
                           "node: away 1 -> 2: ask the node that has it\n");
    CU_ASSERT_STRING_EQUAL(explain(trio, 1, 9),
                           "node: unknown 9: it is not here\n");
    trio_destroy(trio);
}

static void of_those_elsewhere_it_says_why_they_are_wanted(void)
{
    struct trio *trio = make();
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    trio_step(trio, 1, (struct event){.kind = EVENT_RECALL, .proc = 1});
    trio_step(trio, 1, (struct event){.kind = EVENT_FREEZE, .proc = 1});
    CU_ASSERT_STRING_EQUAL(explain(trio, 1, 1),
                           "node: away 1 -> 2: ask the node that has it\n"
                           "node: leave 1 -> 2: it was asked back\n"
                           "node: leave 1 -> 2: its user stops it, at home\n");
    trio_step(trio, 1, (struct event){.kind = EVENT_THAW, .proc = 1});
    CU_ASSERT_FALSE(has(explain(trio, 1, 1), "its user stops it"));
    trio_destroy(trio);
}

/* Each would hold it by itself. */
static void all_that_holds_it_is_named(void)
{
    struct trio *trio = trio_create(NULL, 0, false);
    struct proc_info proc = {.id = 1, .class_number = 1, .locked = true};
    trio_step(
        trio, 1,
        (struct event){.kind = EVENT_SUBMIT, .procs = &proc, .proc_count = 1});
    proc.pinned = true;
    trio_step(trio, 1,
              (struct event){.kind = EVENT_SAMPLED,
                             .self = &trio->self,
                             .procs = &proc,
                             .proc_count = 1});
    trio_step(trio, 1,
              (struct event){.kind = EVENT_STATE,
                             .state = NODE_UP,
                             .flags = NODE_STAY | NODE_LOCAL_STAY});
    trio_step(trio, 1, (struct event){.kind = EVENT_FREEZE, .proc = 1});
    CU_ASSERT_STRING_EQUAL(
        explain(trio, 1, 1),
        "node: last 1: its user stops it\n"
        "node: stay 1: it is frozen\n"
        "node: stay 1: its system calls hold it here\n"
        "node: stay 1: its user holds it here\n"
        "node: stay 1: the owner lets nothing leave by itself\n"
        "node: stay 1: the owner lets nothing of this home leave by itself\n"
        "node: stay 1: its user froze it\n");
    trio_destroy(trio);
}

static void a_home_off_the_map_is_named(void)
{
    struct trio *trio = trio_create(list, 1, true);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    static const char line[] =
        "node: stay 1 -> 1: its home is not on the map\n";
    CU_ASSERT_FALSE(has(explain(trio, 2, 1), line));
    /* Its cluster leaves: node 2 is alone on its map. */
    trio_step(
        trio, 2,
        (struct event){.kind = EVENT_MAP, .map = trio->map[1], .map_count = 1});
    CU_ASSERT(has(explain(trio, 2, 1), line));
    trio_destroy(trio);
}

/* Drained and frozen by the owner of node 2, whose only policy looks at it. */
static void every_reason_is_data(void)
{
    struct trio *trio = trio_create(list, 2, true);
    trio_submit(trio, 1, 1);
    trio_move(trio, 1, 1, 2);
    trio_deliver(trio);
    trio_step(
        trio, 2,
        (struct event){
            .kind = EVENT_STATE, .state = NODE_DRAINING, .then = THEN_FREEZE});
    struct reason reasons[8];
    struct node_config config = node_config_of(trio_node(trio, 2));
    void *scratch = aligned_alloc(16, node_bytes(&config));
    size_t count = node_reasons(trio_node(trio, 2), trio->now_us, 1, scratch,
                                trio->batch, reasons, 8);
    static const struct
    {
        enum reason_kind kind;
        uint8_t by;
        const char *text;
    } expected[] = {
        {REASON_LAST, REASON_BY_CORE, "the owner's deadline is over"},
        {REASON_STAY, REASON_BY_CORE, "it is frozen"},
        {REASON_LEAVE, REASON_BY_CORE, "the node drains"},
        {REASON_STAY, REASON_BY_CORE, "the owner froze it"},
        {REASON_STAY, 0, "it is frozen"}, /* Of node 1, on the board. */
        {REASON_STAY, 1, "it is frozen"},
    };
    CU_ASSERT_EQUAL_FATAL(count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(reasons[i].proc, 1);
        CU_ASSERT_EQUAL(reasons[i].kind, expected[i].kind);
        CU_ASSERT_EQUAL(reasons[i].by, expected[i].by);
        CU_ASSERT_STRING_EQUAL(reasons[i].text, expected[i].text);
        CU_ASSERT_EQUAL(reasons[i].target, i >= 4 ? 1 : NODE_NONE);
    }
    struct reason first;
    CU_ASSERT_EQUAL(node_reasons(trio_node(trio, 2), trio->now_us, 1, scratch,
                                 trio->batch, &first, 1),
                    count);
    CU_ASSERT_EQUAL(first.kind, REASON_LAST);
    free(scratch);
    trio_destroy(trio);
}

static void only_whole_lines(void)
{
    struct trio *trio = make();
    char text[64];
    struct node_config config = node_config_of(trio_node(trio, 1));
    void *scratch = aligned_alloc(16, node_bytes(&config));
    size_t length = node_explain(trio_node(trio, 1), trio->now_us, 0, scratch,
                                 trio->batch, text, sizeof text);
    CU_ASSERT(length > 0 && length < sizeof text);
    CU_ASSERT_EQUAL(text[length - 1], '\n');
    CU_ASSERT_EQUAL(text[length], 0);
    free(scratch);
    trio_destroy(trio);
}

SUITE_MAIN("explain",
           {"it says what the policies say", says_what_policies_say},
           {"the last decision comes first", last_decision_comes_first},
           {"it names who was looked at instead", who_was_looked_at_instead},
           {"a rehearsal does nothing", a_rehearsal_does_nothing},
           {"all processes can be explained at once", all_processes_at_once},
           {"of those elsewhere it says where",
            of_those_elsewhere_it_says_where},
           {"of those elsewhere it says why they are wanted",
            of_those_elsewhere_it_says_why_they_are_wanted},
           {"all that holds it is named", all_that_holds_it_is_named},
           {"a home off the map is named", a_home_off_the_map_is_named},
           {"every reason is data", every_reason_is_data},
           {"too little room cuts between lines", only_whole_lines})
