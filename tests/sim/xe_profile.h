/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is below sriov_admin: the share that each function of a GPU has. */
#ifndef SIM_XE_PROFILE_H
#define SIM_XE_PROFILE_H

#include "tree.h"

struct xe_profiles;

/** profiles_new() - of a physical function and @total virtual ones; @memory in MiB */
struct xe_profiles *profiles_new(struct node *physical, unsigned int total, unsigned int memory);
void profiles_free(struct xe_profiles *profiles);

/** profiles_link(), profiles_unlink() - virtual function @number, from 1, has been enabled, or not
 */
void profiles_link(struct xe_profiles *profiles, unsigned int number, struct node *function);
void profiles_unlink(struct xe_profiles *profiles, unsigned int number);

/** profiles_provision() - the memory is shared by @count functions, unless that has been ordered */
void profiles_provision(struct xe_profiles *profiles, unsigned int count);

/** profiles_release() - no function is enabled any more */
void profiles_release(struct xe_profiles *profiles);

/** profiles_reset() - all is as when the driver has been loaded */
void profiles_reset(struct xe_profiles *profiles);

/** profiles_set() - a setting; 0 or -EINVAL. The README has them */
int profiles_set(struct xe_profiles *profiles, const char *key, const char *value);

#endif
