/* lifetimes.c - does who is old live long in the recorded traces, as Harchol-
 * Balter and Downey 1997 found? The files are those of traces/data, from the
 * root of the tree.
 */
#include <math.h>

#include "../../traces/profile.h"
#include "rows.h"

/* P(T > 2 t | T > t), over all ages t of row->law from row->number s on, of
 * which at least 10 processes are known. */
double lifetimes_survival(const struct row *row, const char **ret_why)
{
    static struct complaint complaint;
    struct workload_options options = workload_options_default();
    struct workload workload;
    struct profile profile;
    if (workload_read(row->law, &options, &workload, &complaint)) {
        *ret_why = complaint.text;
        return NAN;
    }
    double survive = 0;
    double alive = 0;
    if (profile_of(&workload, &profile))
        profile.age_count = 0;
    for (size_t i = 0; i < profile.age_count; i++)
        if (profile.ages[i].age_s >= row->number) {
            alive += (double)profile.ages[i].alive_count;
            survive +=
                (double)profile.ages[i].alive_count * profile.ages[i].survival;
        }
    workload_finish(&workload);
    return survive / alive;
}
