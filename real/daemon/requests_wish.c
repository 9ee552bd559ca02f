/* requests_wish.c - what owners and users wish. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "requests_inside.h"

/* For the journal and the log: who said what. */
static void say_by(const struct asked *a, char ret_by[BY_BYTES])
{
    snprintf(ret_by, BY_BYTES, "%s, by user %u", requests_text(a, "do"),
             (unsigned)a->caller->uid);
}

static json_t *failed(const struct complaint *c)
{
    return control_no("failed", c->text, NULL);
}

/* deadline_us and then: of what drives guests out. */
static json_t *read_deadline(const struct asked *a,
                             usec_t *ret_within_us,
                             uint8_t *ret_then)
{
    static const char *const thens[] = {"wait", "freeze", "kill"};
    const char *then = requests_text(a, "then");
    json_int_t deadline_us;
    *ret_then = THEN_WAIT;
    if (!requests_number(a, "deadline_us", INT64_MAX, -1, &deadline_us) &&
        json_object_get(a->request, "deadline_us"))
        return control_no("bad", "deadline_us is no number of microseconds",
                          NULL);
    *ret_within_us = deadline_us < 0 ? USEC_NEVER : (usec_t)deadline_us;
    if (!then)
        return NULL;
    for (uint8_t i = 0; i < 3; i++)
        if (strcmp(thens[i], then) == 0) {
            *ret_then = i;
            return NULL;
        }
    return control_no("bad", "then is none of wait, freeze and kill", NULL);
}

static json_t *set_reservation(const struct asked *a, struct owner_word *word)
{
    json_int_t cluster, user;
    if (!requests_number(a, "cluster", UINT16_MAX, 0, &cluster) ||
        !requests_number(a, "user", USER_ANY, USER_ANY, &user))
        return control_no("bad", "cluster or user is no such number", NULL);
    word->has_reservation = true;
    word->reservation =
        (struct reservation){(cluster_id)cluster, (uint32_t)user};
    return NULL;
}

static json_t *set_guests(const struct asked *a, struct owner_word *word)
{
    json_int_t guests;
    if (!requests_number(a, "guests", UINT16_MAX, -1, &guests) || guests < 0)
        return control_no("bad", "guests is no number from 0 to 65535", NULL);
    word->has_guest_limit = true;
    word->guest_limit = (uint16_t)guests;
    return NULL;
}

/* NULL, or what is wrong with the request. */
static json_t *change_word(const struct asked *a,
                           enum wish wish,
                           struct owner_word *word)
{
    switch (wish) {
        case WISH_BLOCK:
            word->state = NODE_BLOCKED;
            return NULL;
        case WISH_UNBLOCK:
            word->state = NODE_UP;
            word->then = THEN_WAIT;
            word->within_us = USEC_NEVER;
            return NULL;
        case WISH_EXPEL:
            word->state = NODE_DRAINING;
            return read_deadline(a, &word->within_us, &word->then);
        case WISH_STAY:
            word->flags |= NODE_STAY;
            return NULL;
        case WISH_NOSTAY:
            word->flags &= (uint8_t)~NODE_STAY;
            return NULL;
        case WISH_LSTAY:
            word->flags |= NODE_LOCAL_STAY;
            return NULL;
        case WISH_NOLSTAY:
            word->flags &= (uint8_t)~NODE_LOCAL_STAY;
            return NULL;
        case WISH_RESERVE:
            return set_reservation(a, word);
        case WISH_UNRESERVE:
            word->has_reservation = false;
            return NULL;
        default:
            return set_guests(a, word);
    }
}

json_t *requests_owner(const struct asked *a, enum wish wish)
{
    struct owner_word word = *daemon_word(a->daemon);
    struct complaint c = {.line = 0};
    char by[BY_BYTES];
    json_t *wrong = change_word(a, wish, &word);
    if (wrong)
        return wrong;
    say_by(a, by);
    if (daemon_set_word(a->daemon, &word, wish, by, &c) != 0)
        return failed(&c);
    return requests_yes();
}

/* ---- The cluster. -------------------------------------------------------- */

static struct cluster_record own_record(const struct daemon *d)
{
    size_t count;
    const struct cluster_record *records = daemon_records(d, &count);
    cluster_id own = daemon_parts_of(d)->roster->cluster.id;
    for (size_t i = 0; i < count; i++)
        if (records[i].id == own)
            return records[i];
    return roster_record(daemon_parts_of(d)->roster);
}

static json_t *set_record(const struct asked *a,
                          const struct cluster_record *record,
                          enum wish wish)
{
    struct complaint c = {.line = 0};
    char by[BY_BYTES];
    say_by(a, by);
    if (daemon_set_record(a->daemon, record, wish, by, &c) != 0)
        return failed(&c);
    json_t *yes = requests_yes();
    json_object_set_new(yes, "record_version",
                        json_integer((json_int_t)record->version + 1));
    return yes;
}

json_t *requests_cluster(const struct asked *a, enum wish wish)
{
    struct cluster_record record = own_record(a->daemon);
    uint8_t state = wish == WISH_ISOLATE ? CLUSTER_ISOLATED : CLUSTER_OPEN;
    json_t *wrong = read_deadline(a, &record.within_us, &record.then);
    if (wrong)
        return wrong;
    if (state == CLUSTER_OPEN && record.state == CLUSTER_OPEN)
        return control_no("refused", "the cluster is not isolated", NULL);
    record.state = state;
    return set_record(a, &record, wish);
}

/* One of them, absent as it was. */
static bool read_right(const struct asked *a, const char *key, bool *right)
{
    const json_t *value = json_object_get(a->request, key);
    if (value && !json_is_boolean(value))
        return false;
    if (value)
        *right = json_is_true(value);
    return true;
}

static json_t *read_rule(const struct asked *a, struct cluster_rule *rule)
{
    json_int_t priority, cap;
    if (!requests_number(a, "priority", UINT16_MAX, rule->priority,
                         &priority) ||
        !requests_number(a, "cap", UINT16_MAX, rule->cap, &cap))
        return control_no("bad", "priority or cap is no number to 65535", NULL);
    if (priority == 0)
        return control_no("bad", "priority 0 is the owner's own",
                          "give 1 to "
                          "65535");
    if (!read_right(a, "go", &rule->go) ||
        !read_right(a, "take", &rule->take) ||
        !read_right(a, "expand", &rule->expand))
        return control_no("bad", "go, take and expand are true or false", NULL);
    rule->priority = (uint16_t)priority;
    rule->cap = (uint16_t)cap;
    return NULL;
}

/* Where its rule is, or is put as others have it; NULL: no room. */
static struct cluster_rule *rule_of(struct cluster_record *record,
                                    cluster_id partner)
{
    size_t at = 0;
    while (at < record->rule_count && record->rules[at].partner < partner)
        at++;
    if (at < record->rule_count && record->rules[at].partner == partner)
        return &record->rules[at];
    if (record->rule_count == CLUSTER_RULES_MAX)
        return NULL;
    memmove(&record->rules[at + 1], &record->rules[at],
            (record->rule_count - at) * sizeof *record->rules);
    record->rule_count++;
    record->rules[at] = (struct cluster_rule){
        .partner = partner, .priority = 50, .go = true, .take = true};
    return &record->rules[at];
}

json_t *requests_partner(const struct asked *a)
{
    struct cluster_record record = own_record(a->daemon);
    json_int_t partner;
    if (!requests_number(a, "partner", UINT16_MAX, 0, &partner) ||
        partner == 0 || partner == record.id)
        return control_no("bad", "partner is no number of another cluster",
                          "give 1 to 65535");
    struct cluster_rule *rule = rule_of(&record, (cluster_id)partner);
    if (!rule)
        return control_no("refused", "there are rules for 64 partners",
                          "let one partner be as others are");
    json_t *wrong = read_rule(a, rule);
    return wrong ? wrong : set_record(a, &record, WISH_PARTNER);
}

/* ---- Processes. ---------------------------------------------------------- */

static json_t *do_wish(const struct asked *a,
                       struct event *event,
                       enum wish wish)
{
    char by[BY_BYTES];
    char why[POLICY_TEXT_BYTES_MAX];
    say_by(a, by);
    return daemon_wish(a->daemon, event, wish, by, why)
               ? requests_yes()
               : control_no("refused", why, NULL);
}

json_t *requests_bring(const struct asked *a)
{
    struct event event = {.kind = EVENT_RECALL};
    return do_wish(a, &event, WISH_BRING);
}

static const struct proc_info *process_here(const struct daemon *d,
                                            proc_id proc)
{
    size_t count;
    const struct proc_info *procs = node_procs(daemon_node(d), &count);
    for (size_t i = 0; i < count; i++)
        if (procs[i].id == proc)
            return &procs[i];
    return NULL;
}

/* Where it is to go: a member's number, "home", "out". */
static bool read_target(const struct asked *a,
                        const struct proc_info *proc,
                        node_id *ret)
{
    const char *to = requests_text(a, "to");
    const struct roster *roster = daemon_parts_of(a->daemon)->roster;
    json_int_t id;
    if (to && strcmp(to, "out") == 0) {
        *ret = NODE_NONE;
        return true;
    }
    if (to && strcmp(to, "home") == 0) {
        *ret = proc ? proc->home : daemon_id(a->daemon);
        return true;
    }
    for (size_t i = 0; to && i < roster->member_count; i++)
        if (strcmp(roster->members[i].name, to) == 0) {
            *ret = roster->members[i].id;
            return true;
        }
    if (to || !requests_number(a, "to", NODE_NONE - 1, -1, &id) || id < 0 ||
        !roster_member(roster, (node_id)id))
        return false;
    *ret = (node_id)id;
    return true;
}

/* Who may kill it may move it. */
json_t *requests_migrate(const struct asked *a)
{
    const struct node_workload *w = daemon_parts_of(a->daemon)->workload;
    json_int_t number, asked_pid;
    uid_t uid;
    pid_t pid;
    node_id target;
    if (!requests_number(a, "proc", INT64_MAX, 0, &number) ||
        !requests_number(a, "pid", INT32_MAX, 0, &asked_pid))
        return control_no("bad", "proc or pid is no number", NULL);
    proc_id proc =
        asked_pid > 0 ? w->proc_of(w->user, (pid_t)asked_pid) : (proc_id)number;
    if (proc == 0 || !w->whose(w->user, proc, &uid, &pid))
        return control_no("refused", "no such process is known here",
                          "`vencejo-node ps` lists them");
    if (a->caller->uid != uid && !requests_is_administrator(a->caller))
        return control_no("refused", "the process is another user's",
                          "ask as its user, or as root");
    const struct proc_info *here = process_here(a->daemon, proc);
    if (!read_target(a, here, &target))
        return control_no("bad", "to is no member of the roster",
                          "give a node's name or number, home or out");
    struct event event = {.kind = EVENT_MOVE, .proc = proc, .peer = target};
    if (!here)
        event = (struct event){.kind = EVENT_RECALL, .proc = proc};
    if (!here && target != daemon_id(a->daemon))
        return control_no("refused", "it is away, and moves on from there",
                          "bring it home first: migrate ... home");
    return do_wish(a, &event, WISH_MOVE);
}

json_t *requests_mark(const struct asked *a)
{
    const char *text = requests_text(a, "text");
    char by[BY_BYTES];
    if (!text || !*text || strlen(text) > 200)
        return control_no("bad", "text is not 1 to 200 bytes", NULL);
    snprintf(by, sizeof by, "user %u", (unsigned)a->caller->uid);
    daemon_mark(a->daemon, text, by);
    return requests_yes();
}
