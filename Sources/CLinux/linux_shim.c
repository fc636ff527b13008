#define _GNU_SOURCE
#include "linux_shim.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int linux_event_descriptor(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void linux_name_this_thread(const char *name) {
    char shortened[16];
    strncpy(shortened, name, sizeof shortened - 1);
    shortened[sizeof shortened - 1] = '\0';
    pthread_setname_np(pthread_self(), shortened);
}

pid_t linux_thread_id(void) {
    return gettid();
}

int linux_poll(struct pollfd *descriptors, unsigned long count, int64_t timeout_nanoseconds) {
    if (timeout_nanoseconds < 0)
        return ppoll(descriptors, count, NULL, NULL);
    struct timespec timeout = {
        .tv_sec = timeout_nanoseconds / 1000000000,
        .tv_nsec = timeout_nanoseconds % 1000000000,
    };
    return ppoll(descriptors, count, &timeout, NULL);
}

int64_t linux_nanoseconds_since_boot(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

bool linux_limit_malloc_arenas(int count) {
    return mallopt(M_ARENA_MAX, count) == 1;
}

void linux_trim_heap(void) {
    malloc_trim(0);
}

void linux_ignore_broken_pipes(void) {
    signal(SIGPIPE, SIG_IGN);
}

static int signal_pipe[2] = {-1, -1};

static void put_signal_on_pipe(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    /* A full pipe has told its reader enough already. */
    ssize_t written = write(signal_pipe[1], &byte, 1);
    (void)written;
    errno = saved;
}

int linux_signals_to_pipe(void) {
    if (signal_pipe[0] >= 0)
        return signal_pipe[0];
    if (pipe2(signal_pipe, O_CLOEXEC) != 0)
        return -1;
    fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK);
    struct sigaction action = {.sa_handler = put_signal_on_pipe, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    return signal_pipe[0];
}

int linux_spawn_without_descriptors(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

bool linux_peer_of_socket(int descriptor, pid_t *pid, uid_t *uid, gid_t *gid) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return true;
}
