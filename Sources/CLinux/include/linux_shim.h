#ifndef LINUX_SHIM_H
#define LINUX_SHIM_H

#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// What Glibc's Swift module lacks: GNU extensions, and what needs C to be written.

/// A non-blocking, close-on-exec event counter, or -1.
int linux_event_descriptor(void);

/// Names the calling thread; the kernel keeps the first 15 bytes.
void linux_name_this_thread(const char *name);

/// The kernel's number of the calling thread.
pid_t linux_thread_id(void);

/// ppoll(2); a negative timeout waits for ever. Returns -1 with errno set on failure.
int linux_poll(struct pollfd *descriptors, unsigned long count, int64_t timeout_nanoseconds);

/// Nanoseconds since boot, time asleep included.
int64_t linux_nanoseconds_since_boot(void);

bool linux_limit_malloc_arenas(int count);
void linux_trim_heap(void);

void linux_ignore_broken_pipes(void);

/// Puts SIGTERM, SIGINT and SIGHUP on a pipe, one byte each (the signal's number), and returns its
/// reading end, or -1. Called a second time it returns the same descriptor. Children started with
/// exec get the default handling back, whatever their parent did here.
int linux_signals_to_pipe(void);

/// Lets a child begin without any descriptor from `first` on; 0, or an error's number.
int linux_spawn_without_descriptors(posix_spawn_file_actions_t *actions, int first);

/// The other side of a connected Unix socket.
bool linux_peer_of_socket(int descriptor, pid_t *pid, uid_t *uid, gid_t *gid);

#endif
