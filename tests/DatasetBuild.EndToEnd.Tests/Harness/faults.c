/*
 * Loaded before the C library (LD_PRELOAD), this counts what a process does to the files below one folder, and lets one of these deeds go wrong.
 *
 *   DATASET_FAULT_FOLDER  absolute; what happens elsewhere is not counted
 *   DATASET_FAULT_PATH    only deeds whose path contains this text are counted; absent: all
 *   DATASET_FAULT_AT      the number of the deed, from 1; 0 or absent: none
 *   DATASET_FAULT_DO      before   SIGKILL instead of the deed
 *                         half     SIGKILL when half of the bytes are written
 *                         after    SIGKILL when it is done
 *                         pause    SIGSTOP before the deed
 *                         full     the disk is full from here on: half of the bytes are written, what needs more room fails
 *                         once     this deed alone fails for want of room
 *                         clock    the clock jumps by DATASET_FAULT_SECONDS; with number 0: it is off by so much from the start
 *   DATASET_FAULT_TRACE   a file to which each deed is appended as a line "number name path"
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum fault { NONE, BEFORE, HALF, AFTER, PAUSE, FULL, ONCE, CLOCK };

static const char *folder;
static size_t folder_length;
static const char *wanted;
static long fault_at;
static enum fault fault;
static int trace = -1;
static long jump;
static atomic_long deeds;
static atomic_bool disk_is_full;
static atomic_bool clock_has_jumped;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
    {
        abort();
    }

    return found;
}

__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = { "", "before", "half", "after", "pause", "full", "once", "clock" };
    folder = getenv("DATASET_FAULT_FOLDER");
    folder_length = folder ? strlen(folder) : 0;
    wanted = getenv("DATASET_FAULT_PATH");
    const char *at = getenv("DATASET_FAULT_AT");
    const char *what = getenv("DATASET_FAULT_DO");
    const char *seconds = getenv("DATASET_FAULT_SECONDS");
    const char *file = getenv("DATASET_FAULT_TRACE");
    jump = seconds ? atol(seconds) : 0;
    fault_at = at ? atol(at) : 0;
    for (int i = 1; what && i < (int)(sizeof names / sizeof *names); i++)
    {
        if (!strcmp(what, names[i]))
        {
            fault = (enum fault)i;
        }
    }

    clock_has_jumped = fault == CLOCK && fault_at == 0;
    if (file)
    {
        trace = REAL(open)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

static bool counts(const char *path)
{
    return folder && path && !strncmp(path, folder, folder_length) && (!wanted || strstr(path, wanted));
}

static void end(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
    {
        pause();
    }
}

/* Counts one deed; returns what is to go wrong with it. */
static enum fault deed(const char *name, const char *path)
{
    if (!counts(path))
    {
        return NONE;
    }

    long number = atomic_fetch_add(&deeds, 1) + 1;
    if (trace >= 0)
    {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, path);
        REAL(write)(trace, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
    }

    if (number != fault_at)
    {
        return atomic_load(&disk_is_full) ? ONCE : NONE;
    }

    switch (fault)
    {
    case BEFORE:
        end();
        break;
    case PAUSE:
        kill(getpid(), SIGSTOP);
        return NONE;
    case FULL:
        atomic_store(&disk_is_full, true);
        break;
    case CLOCK:
        atomic_store(&clock_has_jumped, true);
        return NONE;
    default:
        break;
    }

    return fault;
}

static const char *path_of(int file, char *buffer)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = folder ? readlink(link, buffer, PATH_MAX - 1) : -1;
    if (length < 0)
    {
        return NULL;
    }

    buffer[length] = 0;
    return buffer;
}

static bool lacks_room(enum fault what)
{
    if (what != FULL && what != ONCE)
    {
        return false;
    }

    errno = ENOSPC;
    return true;
}

/* A deed that needs no room: it goes wrong only with the process. */
#define FREE(name, path, call)          \
    {                                   \
        enum fault what = deed(name, path); \
        if (what == HALF)               \
        {                               \
            end();                      \
        }                               \
        __typeof__(call) result = call; \
        if (what == AFTER)              \
        {                               \
            end();                      \
        }                               \
        return result;                  \
    }

/* A deed that needs room and has no half. */
#define ROOM(name, path, call)          \
    {                                   \
        enum fault what = deed(name, path); \
        if (lacks_room(what))           \
        {                               \
            return -1;                  \
        }                               \
        if (what == HALF)               \
        {                               \
            end();                      \
        }                               \
        __typeof__(call) result = call; \
        if (what == AFTER)              \
        {                               \
            end();                      \
        }                               \
        return result;                  \
    }

/* A write of `size` bytes; `half` writes the first half of them. */
#define WRITE(size, half, call)                       \
    {                                                 \
        char buffer[PATH_MAX];                        \
        enum fault what = deed("write", path_of(file, buffer)); \
        if (what == HALF || (what == FULL && (size) > 1)) \
        {                                             \
            ssize_t written = half;                   \
            if (what == HALF)                         \
            {                                         \
                end();                                \
            }                                         \
            return written;                           \
        }                                             \
        if (lacks_room(what))                         \
        {                                             \
            return -1;                                \
        }                                             \
        ssize_t result = call;                        \
        if (what == AFTER)                            \
        {                                             \
            end();                                    \
        }                                             \
        return result;                                \
    }

static int opened(const char *real_name, const char *path, int flags, mode_t mode)
{
    int (*call)(const char *, int, ...) = (int (*)(const char *, int, ...))real(real_name);
    if ((flags & (O_CREAT | O_TRUNC)) == 0 || (flags & O_ACCMODE) == O_RDONLY)
    {
        return call(path, flags, mode);
    }

    ROOM("create", path, call(path, flags, mode))
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened("open64", path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t size)
WRITE(size, REAL(write)(file, bytes, size / 2), REAL(write)(file, bytes, size))

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset)
WRITE(size, REAL(pwrite)(file, bytes, size / 2, offset), REAL(pwrite)(file, bytes, size, offset))

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset)
WRITE(size, REAL(pwrite64)(file, bytes, size / 2, offset), REAL(pwrite64)(file, bytes, size, offset))

ssize_t writev(int file, const struct iovec *parts, int count)
WRITE(count, REAL(writev)(file, parts, count / 2), REAL(writev)(file, parts, count))

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset)
WRITE(count, REAL(pwritev)(file, parts, count / 2, offset), REAL(pwritev)(file, parts, count, offset))

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset)
WRITE(count, REAL(pwritev64)(file, parts, count / 2, offset), REAL(pwritev64)(file, parts, count, offset))

int ftruncate(int file, off_t size)
{
    char buffer[PATH_MAX];
    ROOM("truncate", path_of(file, buffer), REAL(ftruncate)(file, size))
}

int ftruncate64(int file, off64_t size)
{
    char buffer[PATH_MAX];
    ROOM("truncate", path_of(file, buffer), REAL(ftruncate64)(file, size))
}

int fsync(int file)
{
    char buffer[PATH_MAX];
    FREE("flush", path_of(file, buffer), REAL(fsync)(file))
}

int rename(const char *from, const char *to)
ROOM("rename", to, REAL(rename)(from, to))

int link(const char *from, const char *to)
ROOM("link", to, REAL(link)(from, to))

int mkdir(const char *path, mode_t mode)
{
    if (!access(path, F_OK))
    {
        return REAL(mkdir)(path, mode); /* only says that the folder is there */
    }

    ROOM("mkdir", path, REAL(mkdir)(path, mode))
}

int unlink(const char *path)
FREE("unlink", path, REAL(unlink)(path))

int rmdir(const char *path)
FREE("rmdir", path, REAL(rmdir)(path))

static long moved(clockid_t clock)
{
    return (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && atomic_load(&clock_has_jumped) ? jump : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = REAL(clock_gettime)(clock, now);
    now->tv_sec += moved(clock);
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    int result = REAL(gettimeofday)(now, zone);
    now->tv_sec += moved(CLOCK_REALTIME);
    return result;
}

time_t time(time_t *now)
{
    time_t result = REAL(time)(NULL) + moved(CLOCK_REALTIME);
    if (now)
    {
        *now = result;
    }

    return result;
}
