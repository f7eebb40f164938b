/* A disk that is full, for the files of one program below some folders, which
 * FULL_DISK_UNDER names with colons between them: write number FULL_DISK_AT
 * (and all after it, unless FULL_DISK_ONCE is set) fails with ENOSPC. Counted
 * are the calls that take place on a disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;

static int below(const char *path) {
    const char *folder = getenv("FULL_DISK_UNDER");
    while (folder && path && *folder) {
        size_t length = strcspn(folder, ":");
        if (strncmp(path, folder, length) == 0) return 1;
        folder += length + (folder[length] == ':');
    }
    return 0;
}

static int is_full(void) {
    const char *at = getenv("FULL_DISK_AT");
    long number = atomic_fetch_add(&calls, 1), limit = at ? atol(at) : 0;
    if (getenv("FULL_DISK_ONCE") ? number != limit : number < limit) return 0;
    errno = ENOSPC;
    return 1;
}

static int file_is_full(int file) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path) && is_full();
}

#define REAL(name, result, ...) static result (*real)(__VA_ARGS__); \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t write(int file, const void *bytes, size_t count) {
    REAL("write", ssize_t, int, const void *, size_t);
    return file_is_full(file) ? -1 : real(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    REAL("writev", ssize_t, int, const struct iovec *, int);
    return file_is_full(file) ? -1 : real(file, parts, count);
}

int fsync(int file) {
    REAL("fsync", int, int);
    return file_is_full(file) ? -1 : real(file);
}

int rename(const char *from, const char *to) {
    REAL("rename", int, const char *, const char *);
    return below(to) && is_full() ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode) {
    REAL("mkdir", int, const char *, mode_t);
    return below(path) && is_full() ? -1 : real(path, mode);
}

static int open_any(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    if ((flags & O_CREAT) && below(path) && access(path, F_OK) != 0 && is_full()) return -1;
    return real(path, flags, mode);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_any("open64", path, flags, mode);
}
