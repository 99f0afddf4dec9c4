/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How definitions are stored: lib/store_write.c and lib/store_file.c, a step of theirs a line here.
 * The power may fail between any two steps, a process may be killed, and the disk may have taken
 * anything that was not synced, or nothing of it.
 *
 * Each -D takes one step out, and a property has to fail then: tests/models/check.
 *
 * -DCHANGE: two processes modify one definition. Else they define two devices of a new parent, and
 * one undefines its own again.
 */

/* Contents of a file: the text is complete, and what each process has changed in it. */
#define WHOLE 4
#define CHANGED_BY(process) (1 << (process))

#define INODES	    8
#define DIRECTORIES 4
#define DEVICES	    2

/* An index is a number of an inode or directory; 0 is none. "disk_" is what a power cut leaves. */
byte text[INODES], disk_text[INODES];
byte inodes_used;
byte name[DIRECTORIES * DEVICES], disk_name[DIRECTORIES * DEVICES];
byte parent, disk_parent;	/* the parent's directory, in the definition directory */
byte directories_used;
byte temp;			/* ".new" */

#define NAME(directory, device) name[(directory) * DEVICES + (device)]
#define DISK_NAME(directory, device) disk_name[(directory) * DEVICES + (device)]

bool locked;
bool killed[DEVICES], holds_lock[DEVICES], done[DEVICES];
bool power_failed;

/* What a process was told, and has begun. */
bool modified[DEVICES], defined[DEVICES], undefine_begun[DEVICES], undefined[DEVICES];

inline lock_take()
{
#ifndef NO_LOCK
	atomic { !locked -> locked = true; holds_lock[me] = true }
#else
	skip
#endif
}

/* A process that is killed gives its lock back, too. */
inline lock_release()
{
	atomic {
		if
		:: holds_lock[me] -> locked = false; holds_lock[me] = false
		:: else
		fi
	}
}

/* file_open_temp() and file_write() */
inline file_write_temp(contents)
{
#ifndef NO_UNLINK_FIRST
	temp = 0;
#endif
	/* O_EXCL */
	atomic {
		assert(temp == 0);
		inodes_used++;
		temp = inodes_used;
		file = temp
	}
	/* Part of the text, then all of it. */
	text[file] = 0;
	text[file] = contents;
#ifndef NO_FILE_SYNC
	disk_text[file] = text[file]
#endif
}

inline directory_sync(directory)
{
#ifndef NO_DIRECTORY_SYNC
	d_step {
		DISK_NAME(directory, 0) = NAME(directory, 0);
		DISK_NAME(directory, 1) = NAME(directory, 1)
	}
#else
	skip
#endif
}

inline store_sync()
{
#ifndef NO_STORE_SYNC
	disk_parent = parent
#else
	skip
#endif
}

/* store_create() */
inline define(device)
{
	made = false;
	lock_take();
	if
	:: atomic {
		parent == 0 ->
		directories_used++;
		parent = directories_used;
		made = true
	}
	:: else
	fi;
	directory = parent;
	if
	:: NAME(directory, device) == 0 ->
		file_write_temp(WHOLE);
		NAME(directory, device) = temp;
		temp = 0;
		directory_sync(directory);
#ifdef SYNC_STORE_IF_MADE
		if
		:: made -> store_sync()
		:: else
		fi;
#else
		store_sync();
#endif
		defined[device] = true
	:: else
	fi;
	lock_release()
}

/* store_remove(): the parent's directory is opened before the lock is there. */
inline undefine(device)
{
	directory = parent;
	if
	:: directory != 0 ->
		lock_take();
		if
		:: NAME(directory, device) != 0 ->
			undefine_begun[device] = true;
			NAME(directory, device) = 0;
			directory_sync(directory);
			if
			:: atomic {
				NAME(directory, 0) == 0 && NAME(directory, 1) == 0 ->
				parent = 0
			}
				store_sync()
			:: else
			fi;
			undefined[device] = true
		:: else
		fi;
		lock_release()
	:: else
	fi
}

/* Read, then store_replace(): what is stale is read again. */
inline modify(device)
{
	do
	:: modified[me] -> break
	:: else ->
		known = text[NAME(parent, device)];
		lock_take();
		directory = parent;
		if
#ifndef NO_COMPARE
		:: text[NAME(directory, device)] != known
#endif
		:: else ->
#ifdef IN_PLACE
			file = NAME(directory, device);
			text[file] = 0;
			text[file] = known | CHANGED_BY(me);
			disk_text[file] = text[file];
			modified[me] = true
#else
			file_write_temp(known | CHANGED_BY(me));
			/* By its name, whosever it is now. */
			atomic {
				if
				:: temp != 0 ->
					NAME(directory, device) = temp;
					temp = 0;
					file = 1
				:: else -> file = 0
				fi
			}
			if
			:: file != 0 ->
				directory_sync(directory);
				modified[me] = true
			:: else -> lock_release(); break
			fi
#endif
		fi;
		lock_release()
	od
}

proctype writer(byte me)
{
	byte directory, file, known;
	bool made;

	{
#ifdef CHANGE
		modify(0);
#else
		define(me);
		if
		:: me == 0 -> undefine(0)
		:: else
		fi;
#endif
		done[me] = true
	} unless {
		if
		:: power_failed
		:: killed[me] -> lock_release()
		fi;
		done[me] = true
	}
}

/* Whoever reads a definition, without a lock. */
proctype reader()
{
	byte file;

	do
	:: atomic {
		!power_failed && parent != 0 && NAME(parent, 0) != 0 ->
		file = NAME(parent, 0);
		assert(text[file] & WHOLE)
	}
	:: done[0] && done[1] -> break
	od
}

/* The kernel writes whatever it likes whenever it likes. */
proctype writeback()
{
	byte i;

	do
	:: power_failed || (done[0] && done[1]) -> break
	:: disk_parent = parent
	:: atomic { select(i : 1 .. INODES - 1); disk_text[i] = text[i]; i = 0 }
	:: atomic {
		select(i : DEVICES .. DIRECTORIES * DEVICES - 1);
		disk_name[i] = name[i];
		i = 0
	}
	od
}

proctype killer()
{
	if
	:: killed[0] = true
	:: killed[1] = true
	:: skip
	fi
}

/* What is on the disk after the power failed, or in the end, when all of it has been written. */
inline check_device(device)
{
	file = (disk_parent -> DISK_NAME(disk_parent, device) : 0);
	if
	:: file != 0 -> assert(disk_text[file] & WHOLE)
	:: else
	fi;
#ifdef CHANGE
	assert(device != 0 || file != 0);
	assert(!modified[device] || disk_text[DISK_NAME(disk_parent, 0)] & CHANGED_BY(device));
#else
	assert(!defined[device] || undefine_begun[device] || file != 0);
	assert(!undefined[device] || file == 0);
#endif
}

proctype power()
{
	byte file;

	atomic {
		power_failed = true;
		check_device(0);
		check_device(1)
	}
}

init {
	atomic {
#ifdef CHANGE
		inodes_used = 1;
		text[1] = WHOLE;
		disk_text[1] = WHOLE;
		directories_used = 1;
		parent = 1;
		disk_parent = 1;
		NAME(1, 0) = 1;
		DISK_NAME(1, 0) = 1;
#endif
		run writer(0);
		run writer(1);
		run reader();
		run writeback();
		run killer();
		run power()
	}
}
