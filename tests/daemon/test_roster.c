/* test_roster.c - who the members are: only what the administrator signed. */
#include "../suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../real/daemon/roster.h"

enum { TEXT_BYTES = 4096 };

struct keys
{
    struct identity administrator, other;
    char administrator_text[PUBLIC_TEXT_BYTES];
    char pc1[PUBLIC_TEXT_BYTES], pc2[PUBLIC_TEXT_BYTES];
    char campus[PUBLIC_TEXT_BYTES];
    struct identity pc2_identity;
};

static void make_keys(struct keys *k)
{
    struct identity made;
    identity_make(&k->administrator);
    identity_make(&k->other);
    public_key_text(k->administrator.public_key, k->administrator_text);
    identity_make(&made);
    public_key_text(made.public_key, k->pc1);
    identity_make(&k->pc2_identity);
    public_key_text(k->pc2_identity.public_key, k->pc2);
    identity_make(&made);
    public_key_text(made.public_key, k->campus);
}

/* A roster of two, the second first, with rest behind it. */
static void write_text(const struct keys *k, const char *rest, char *ret)
{
    snprintf(ret, TEXT_BYTES,
             "version: 3\n"
             "administrator: %s\n"
             "cluster: {id: 1, name: lab, first: 10, nodes: 9}\n"
             "members:\n"
             "  - {id: 12, name: pc2, address: \"[2001:db8::1]:7700\",\n"
             "     key: %s, generation: 4}\n"
             "  - {id: 10, name: pc1, address: \"10.0.0.1:7700\", key: %s}\n"
             "%s",
             k->administrator_text, k->pc2, k->pc1, rest);
}

static int sign(const struct keys *k, const char *text, char *ret)
{
    struct complaint c;
    char *all;
    size_t count;
    int error = roster_sign(text, strlen(text), "roster", &k->administrator,
                            &all, &count, &c);
    if (error)
        return error;
    CU_ASSERT_EQUAL(strlen(all), count);
    snprintf(ret, TEXT_BYTES, "%s", all);
    free(all);
    return 0;
}

static int parse(const struct keys *k,
                 const char *text,
                 struct roster *ret,
                 struct complaint *c)
{
    return roster_parse(text, strlen(text), "roster",
                        k->administrator.public_key, ret, c);
}

static void what_was_signed_is_read(void)
{
    struct keys k;
    struct roster r;
    struct complaint c;
    char text[TEXT_BYTES];
    char all[TEXT_BYTES];
    char rest[TEXT_BYTES / 4];
    make_keys(&k);
    snprintf(rest, sizeof rest,
             "partners:\n"
             "  - {cluster: 2, administrator: %s,\n"
             "     rule: {priority: 45, cap: 8, expand: no}}\n",
             k.campus);
    write_text(&k, rest, text);
    CU_ASSERT_EQUAL_FATAL(sign(&k, text, all), 0);
    CU_ASSERT_EQUAL_FATAL(parse(&k, all, &r, &c), 0);
    CU_ASSERT_EQUAL(r.version, 3);
    CU_ASSERT_EQUAL(r.member_count, 2);
    CU_ASSERT_EQUAL(r.members[0].id, 10);
    CU_ASSERT_EQUAL(r.members[1].generation, 4);
    const struct member *m = roster_member(&r, 10);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_STRING_EQUAL(m->name, "pc1");
    const struct sockaddr_in *at = (const struct sockaddr_in *)&m->at;
    CU_ASSERT_EQUAL(at->sin_family, AF_INET);
    CU_ASSERT_EQUAL(ntohl(at->sin_addr.s_addr), 0x0a000001);
    CU_ASSERT_EQUAL(ntohs(at->sin_port), 7700);
    m = roster_member_of_key(&r, k.pc2_identity.public_key);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->id, 12);
    CU_ASSERT_EQUAL(m->at.ss_family, AF_INET6);
    CU_ASSERT_PTR_NULL(roster_member(&r, 11));
    CU_ASSERT_PTR_NULL(roster_member_of_key(&r, k.other.public_key));

    struct cluster_record record = roster_record(&r);
    CU_ASSERT_TRUE(records_are_sound(&record, 1));
    CU_ASSERT_EQUAL(record.node_count, 9);
    CU_ASSERT_EQUAL(record_rule(&record, 2)->priority, 45);
    CU_ASSERT_EQUAL(record_rule(&record, 2)->cap, 8);
    CU_ASSERT_TRUE(record_rule(&record, 2)->take);
    CU_ASSERT_FALSE(record_rule(&record, 2)->expand);
    /* Nobody has dealt with cluster 3. */
    CU_ASSERT_FALSE(record_rule(&record, 3)->take);
    CU_ASSERT_FALSE(record_rule(&record, 3)->go);
    roster_finish(&r);
}

static void to_sign_again_replaces_the_signature(void)
{
    struct keys k;
    struct roster r;
    struct complaint c;
    char text[TEXT_BYTES];
    char once[TEXT_BYTES];
    char twice[TEXT_BYTES];
    make_keys(&k);
    write_text(&k, "", text);
    CU_ASSERT_EQUAL_FATAL(sign(&k, text, once), 0);
    CU_ASSERT_EQUAL_FATAL(sign(&k, once, twice), 0);
    CU_ASSERT_STRING_EQUAL(once, twice);
    CU_ASSERT_EQUAL(parse(&k, twice, &r, &c), 0);
    roster_finish(&r);
}

static void one_changed_byte_is_noticed(void)
{
    struct keys k;
    struct roster r;
    struct complaint c;
    char text[TEXT_BYTES];
    char all[TEXT_BYTES];
    make_keys(&k);
    write_text(&k, "", text);
    CU_ASSERT_EQUAL_FATAL(sign(&k, text, all), 0);
    for (char *at = all; *at; at++) {
        char byte = *at;
        *at ^= 1;
        CU_ASSERT_EQUAL(parse(&k, all, &r, &c), -EBADMSG);
        *at = byte;
    }
    for (char *end = all + strlen(all); end-- > all;) {
        *end = '\0';
        CU_ASSERT_EQUAL(parse(&k, all, &r, &c), -EBADMSG);
    }
}

static void only_the_administrator_signs(void)
{
    struct keys k;
    struct roster r;
    struct complaint c;
    char text[TEXT_BYTES];
    char *all;
    size_t count;
    make_keys(&k);
    write_text(&k, "", text);
    CU_ASSERT_EQUAL(parse(&k, text, &r, &c), -EBADMSG);
    CU_ASSERT_PTR_NOT_NULL(strstr(c.text, "not signed"));
    /* Another signs what names the administrator, or names himself. */
    CU_ASSERT_EQUAL(
        roster_sign(text, strlen(text), "roster", &k.other, &all, &count, &c),
        -EINVAL);
    public_key_text(k.other.public_key, k.administrator_text);
    write_text(&k, "", text);
    CU_ASSERT_EQUAL_FATAL(
        roster_sign(text, strlen(text), "roster", &k.other, &all, &count, &c),
        0);
    CU_ASSERT_EQUAL(parse(&k, all, &r, &c), -EBADMSG);
    free(all);
}

/* Each: what is wrong in the members' or partners' lists, where, and a word of
 * the complaint. */
static void mistakes_are_refused_with_their_place(void)
{
    struct keys k;
    char text[TEXT_BYTES];
    char all[TEXT_BYTES];
    make_keys(&k);
    const struct
    {
        const char *line; /* Of members; %s: a key that nobody has. */
        size_t at;        /* Line of the complaint; 0: of the whole. */
        const char *word;
    } rows[] = {
        {"  - {id: 19, name: x, address: \"10.0.0.9:1\", key: %s}\n", 0,
         "none of the cluster's nodes, they are 10 to 18"},
        {"  - {id: 10, name: x, address: \"10.0.0.9:1\", key: %s}\n", 0,
         "two members have the number 10"},
        {"  - {id: 11, name: pc1, address: \"10.0.0.9:1\", key: %s}\n", 0,
         "same name"},
        {"  - {id: 11, name: x, address: \"10.0.0.1:7700\", key: %s}\n", 0,
         "same name, key or address"},
        {"  - {id: 11, name: x, address: \"pc9:7700\", key: %s}\n", 8,
         "no address and port in numbers"},
        {"  - {id: 11, name: x, address: \"10.0.0.9:1\", key: %s0}\n", 8,
         "64 hexadecimal digits"},
        {"  - {id: 11, name: x, address: \"10.0.0.9:1\"} # %s\n", 8, "key"},
        {"  - {id: 0, name: x, address: \"10.0.0.9:1\", key: %s}\n", 8, "id"},
        {"  - {id: 11, name: x, address: \"10.0.0.9:1\", key: %s,\n"
         "     generation: 256}\n",
         9, "generation"},
        {"partners:\n  - {cluster: 1, administrator: %s}\n", 0,
         "no partner of itself"},
        {"colour: blue # %s\n", 8, "colour"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[256];
        struct complaint c;
        char *signed_text;
        size_t count;
        snprintf(line, sizeof line, rows[i].line, k.campus);
        write_text(&k, line, text);
        int error = roster_sign(text, strlen(text), "roster", &k.administrator,
                                &signed_text, &count, &c);
        CU_ASSERT_EQUAL(error, -EINVAL);
        CU_ASSERT_EQUAL(c.line, rows[i].at);
        CU_ASSERT_PTR_NOT_NULL(strstr(c.text, rows[i].word));
        if (error == 0)
            free(signed_text);
    }
    CU_ASSERT_EQUAL(sign(&k, "", all), -EINVAL);
}

SUITE_MAIN("roster",
           {"what was signed is read", what_was_signed_is_read},
           {"to sign again replaces the signature",
            to_sign_again_replaces_the_signature},
           {"one changed byte is noticed", one_changed_byte_is_noticed},
           {"only the administrator signs", only_the_administrator_signs},
           {"mistakes are refused with their place",
            mistakes_are_refused_with_their_place})
