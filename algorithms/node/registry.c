/* registry.c - see registry.h. The list itself is written by the build. */
#include "registry.h"

#include <string.h>

const struct policy *policy_find(const char *name)
{
    for (size_t i = 0; policies[i]; i++)
        if (strcmp(policies[i]->name, name) == 0)
            return policies[i];
    return NULL;
}

const struct policy_param *policy_param_find(const struct policy *policy,
                                             const char *name)
{
    const struct policy_param *param = policy->params;
    for (; param && param->name; param++)
        if (strcmp(param->name, name) == 0)
            return param;
    return NULL;
}

void policy_params_default(const struct policy *policy, void *ret_params)
{
    if (policy->params_size == 0)
        return;
    memset(ret_params, 0, policy->params_size);
    const struct policy_param *param = policy->params;
    for (; param && param->name; param++)
        policy_param_set(param, ret_params, param->fallback);
}

uint64_t policy_param_get(const struct policy_param *param, const void *params)
{
    uint64_t value;
    memcpy(&value, (const char *)params + param->offset, sizeof value);
    return value;
}

void policy_param_set(const struct policy_param *param,
                      void *params,
                      uint64_t value)
{
    memcpy((char *)params + param->offset, &value, sizeof value);
}

uint32_t policy_hash(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a, 32 bits. */
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}
