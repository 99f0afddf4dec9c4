/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * INTx in kmod/vfio_mdev/irq.c, irq_set.c and irqfd.c: a driver that raises and lowers the level, a
 * user who masks and unmasks by eventfds and unmasks by VFIO_DEVICE_SET_IRQS, on processors with
 * store buffers. With -DCLOSE the user disables the interrupt at some time, else the guest uses its
 * interrupt disable bit.
 *
 * Each other -D takes one step out, and a property has to fail then: tests/models/check.
 */

#define LEVEL  0
#define MASKED 1

#define DRIVER	0
#define USER	1
#define WORKER	2
#define OTHER	3
#define ALL	4

bit memory[2];

/* What a processor has stored and others do not see yet, in order. */
chan stores[ALL] = [3] of { byte, bit };

/* Without WRITE_ONCE() and READ_ONCE() this would be the compiler's affair. */
#define STORE(variable, value) stores[me] ! variable, value
#define SMP_MB() empty(stores[me])
#define LOAD(to, variable) atomic { \
	if \
	:: stores[me] ?? [variable, 1] -> to = 1 \
	:: else -> if \
		:: stores[me] ?? [variable, 0] -> to = 0 \
		:: else -> to = memory[variable] \
		fi \
	fi }

proctype store_buffer(byte me)
{
	byte variable;
	bit value;

end:	do
	:: d_step { stores[me] ? variable, value -> memory[variable] = value }
	od
}

/* vfio_mdev_irqs.state_lock; what was stored under it is seen by the next who has it. */
bool state_locked;
/* Of the eventfd's wait queue: its listener runs under it, and is removed under it. */
bool queue_locked;

#define LOCK(lock) atomic { !lock -> lock = true }
#ifdef NO_STATE_LOCK
#define LOCK_STATE() skip
#else
#define LOCK_STATE() LOCK(state_locked)
#endif
#define UNLOCK(lock) empty(stores[me]); lock = false

/* Under state_lock. */
bool disabled;
bool trigger = true;

bool trigger_put;	/* the eventfd may have gone */
bool irqfd_attached = true, irqfd_freed;
bool work_scheduled, work_runs;
byte signals, unmasks;
bool closed;

/* vfio_mdev_vector_deliver() */
inline deliver()
{
#ifndef NO_BARRIER_IN_DELIVER
	SMP_MB();
#endif
	LOAD(level, LEVEL);
	LOAD(masked, MASKED);
	if
	:: level && !masked && !disabled && trigger ->
#ifndef NO_AUTOMASK
		STORE(MASKED, 1);
#endif
		atomic {
			assert(!trigger_put);
			signals++;
			/* An interrupt comes once, until the user asks for more. */
			assert(signals <= unmasks + 1)
		}
	:: else
	fi
}

inline set_level(value)
{
	LOCK_STATE();
	STORE(LEVEL, value);
	deliver();
	UNLOCK(state_locked)
}

proctype driver()
{
	byte me = DRIVER;
	bit level, masked;

	set_level(1);
	set_level(0);
	set_level(1)
}

/* VFIO_IRQ_SET_ACTION_UNMASK with data, or at the end of all */
inline unmask()
{
	LOCK_STATE();
	STORE(MASKED, 0);
	deliver();
	UNLOCK(state_locked)
}

/* irqfd_wake(), vfio_mdev_vector_unmask_at_once() */
inline unmask_at_once()
{
	LOCK(queue_locked);
	if
	:: irqfd_attached ->
		assert(!irqfd_freed);
		STORE(MASKED, 0);
#ifndef NO_BARRIER_IN_UNMASK
		SMP_MB();
#endif
		LOAD(level, LEVEL);
		if
#ifndef NO_WORK
		:: level -> work_scheduled = true
#endif
		:: else
		fi
	:: else
	fi;
	UNLOCK(queue_locked)
}

#define SERVED 2

/* vfio_mdev_vector_mask_at_once(), as above */
inline mask_at_once()
{
	LOCK(queue_locked);
	if
	:: irqfd_attached ->
		assert(!irqfd_freed);
		STORE(MASKED, 1)
	:: else
	fi;
	UNLOCK(queue_locked)
}

/* Unmasks what it was told, a few times, and once masks or unmasks without a reason. */
proctype user()
{
	byte me = USER;
	byte served;
	bool in_vain;
	bit level, masked;

end:	do
	:: served < signals && served < SERVED ->
		served++;
		unmasks++;
		if
		:: unmask_at_once()
		:: unmask()
		fi
	:: !in_vain ->
		in_vain = true;
#ifdef CLOSE
		mask_at_once()
#else
		unmasks++;
		unmask_at_once()
#endif
	od
}

proctype worker()
{
	byte me = WORKER;
	bit level, masked;

end:	do
	:: atomic { work_scheduled -> work_scheduled = false; work_runs = true }
		assert(!irqfd_freed);
		LOCK_STATE();
		deliver();
		UNLOCK(state_locked);
		assert(!irqfd_freed);
		work_runs = false
	od
}

inline set_disabled(value)
{
	LOCK_STATE();
	disabled = value;
#ifdef NO_DELIVERY_WHEN_ENABLED
	skip;
#else
	deliver();
#endif
	UNLOCK(state_locked)
}

proctype guest()
{
	byte me = OTHER;
	bit level, masked;

	set_disabled(true);
	set_disabled(false)
}

/* vector_release(). The user cannot set anything at this time: VFIO_DEVICE_SET_IRQS has a mutex. */
proctype closer()
{
	byte me = OTHER;
	bit level, masked;

	LOCK_STATE();
	trigger = false;
	deliver();
	UNLOCK(state_locked);
	trigger_put = true;
#ifdef UNMASK_FIRST
	unmask();
#endif
	LOCK(queue_locked);
	irqfd_attached = false;
	UNLOCK(queue_locked);
#ifndef NO_FLUSH
	!work_scheduled && !work_runs;
#endif
	irqfd_freed = true;
#ifndef UNMASK_FIRST
	unmask();
#endif
	closed = true
}

/* When nobody has anything left to do. */
proctype end_of_all()
{
	timeout ->
	assert(!(memory[LEVEL] && !memory[MASKED] && !disabled && trigger));
	/* The next user begins unmasked. */
	assert(!closed || !memory[MASKED])
}

init {
	byte i;

	atomic {
		for (i : 0 .. ALL - 1) {
			run store_buffer(i)
		}
		run driver();
		run user();
		run worker();
#ifdef CLOSE
		run closer();
#else
		run guest();
#endif
		run end_of_all()
	}
}
