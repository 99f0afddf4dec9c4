/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints mdev:* tell what was created and removed, and why it failed.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mdev

#if !defined(MDEV_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MDEV_TRACE_H

#include <linux/mdev.h>
#include <linux/tracepoint.h>

#define trace_fill(array, text)	\
	strscpy(__get_dynamic_array(array), text, __get_dynamic_array_len(array))

/* Dynamic arrays rather than __string(), whose __assign_str() differs between kernels. */
DECLARE_EVENT_CLASS(mdev_device,
	TP_PROTO(struct mdev_type *type, const guid_t *uuid, int result),
	TP_ARGS(type, uuid, result),
	TP_STRUCT__entry(
		__array(char, uuid, UUID_STRING_LEN + 1)
		__dynamic_array(char, parent, strlen(dev_name(type->parent->dev)) + 1)
		__dynamic_array(char, type, strlen(kobject_name(&type->kobj)) + 1)
		__field(int, result)
	),
	TP_fast_assign(
		snprintf(__entry->uuid, sizeof(__entry->uuid), "%pUl", uuid);
		trace_fill(parent, dev_name(type->parent->dev));
		trace_fill(type, kobject_name(&type->kobj));
		__entry->result = result;
	),
	TP_printk("uuid=%s parent=%s type=%s result=%d", __entry->uuid, __get_str(parent),
		  __get_str(type), __entry->result)
);

DEFINE_EVENT(mdev_device, mdev_create,
	TP_PROTO(struct mdev_type *type, const guid_t *uuid, int result),
	TP_ARGS(type, uuid, result)
);

DEFINE_EVENT(mdev_device, mdev_remove,
	TP_PROTO(struct mdev_type *type, const guid_t *uuid, int result),
	TP_ARGS(type, uuid, result)
);

DECLARE_EVENT_CLASS(mdev_parent,
	TP_PROTO(struct mdev_parent *parent, int result),
	TP_ARGS(parent, result),
	TP_STRUCT__entry(
		__dynamic_array(char, parent, strlen(dev_name(parent->dev)) + 1)
		__dynamic_array(char, driver, strlen(parent->mdev_driver->driver.name) + 1)
		__field(unsigned int, nr_types)
		__field(int, result)
	),
	TP_fast_assign(
		trace_fill(parent, dev_name(parent->dev));
		trace_fill(driver, parent->mdev_driver->driver.name);
		__entry->nr_types = parent->nr_types;
		__entry->result = result;
	),
	TP_printk("parent=%s driver=%s nr_types=%u result=%d", __get_str(parent),
		  __get_str(driver), __entry->nr_types, __entry->result)
);

DEFINE_EVENT(mdev_parent, mdev_parent_register,
	TP_PROTO(struct mdev_parent *parent, int result),
	TP_ARGS(parent, result)
);

DEFINE_EVENT(mdev_parent, mdev_parent_unregister,
	TP_PROTO(struct mdev_parent *parent, int result),
	TP_ARGS(parent, result)
);

#endif /* MDEV_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
