/* list.c - lists of policies for tests. */
#include <assert.h>
#include <string.h>

#include "algorithms/node/registry.h"
#include "tests/cluster.h"

void cluster_list_init(struct cluster_list *list, const char *names)
{
    list->count = 0;
    while (*names) {
        char name[64];
        size_t length = strcspn(names, " ");
        assert(length < sizeof name && list->count < CLUSTER_POLICIES_MAX);
        memcpy(name, names, length);
        name[length] = '\0';
        const struct policy *policy = policy_find(name);
        assert(policy);
        assert(policy->params_size <= sizeof list->params[0]);
        policy_params_default(policy, list->params[list->count]);
        list->policies[list->count] = (struct node_policy){
            .policy = policy, .params = list->params[list->count]};
        list->count++;
        names += length + strspn(names + length, " ");
    }
}

void cluster_list_set(struct cluster_list *list,
                      const char *policy,
                      const char *param,
                      uint64_t value)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->policies[i].policy->name, policy) == 0) {
            const struct policy_param *found =
                policy_param_find(list->policies[i].policy, param);
            assert(found);
            policy_param_set(found, list->params[i], value);
        }
}
