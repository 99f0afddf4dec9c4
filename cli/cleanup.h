/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cleanup by scope for the objects that commands hold. */
#ifndef CLI_CLEANUP_H
#define CLI_CLEANUP_H

#include <libmdev.h>

#include "util/cleanup.h"

DEFINE_CLEANUP(struct mdev_ctx *, mdev_ctx_unref)
DEFINE_CLEANUP(struct mdev_parent *, mdev_parent_unref)
DEFINE_CLEANUP(struct mdev_parent **, mdev_parent_list_free)
DEFINE_CLEANUP(struct mdev_parent_info *, mdev_parent_info_unref)
DEFINE_CLEANUP(struct mdev_device *, mdev_device_unref)
DEFINE_CLEANUP(struct mdev_device **, mdev_device_list_free)
DEFINE_CLEANUP(struct mdev_definition *, mdev_definition_unref)
DEFINE_CLEANUP(struct mdev_definition **, mdev_definition_list_free)
DEFINE_CLEANUP(struct mdev_status **, mdev_status_list_free)
DEFINE_CLEANUP(struct mdev_document *, mdev_document_unref)
DEFINE_CLEANUP(struct mdev_change **, mdev_change_list_free)

#endif
