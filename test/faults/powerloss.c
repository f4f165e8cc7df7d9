/*
 * Power loss for one process: an LD_PRELOAD library that knows of each regular file below POWERLOSS_ROOT which of its
 * content was flushed, and when the file POWERLOSS_TRIGGER appears takes everything else back and ends the process
 * with SIGKILL. A child that inherits the environment does the same for the files it opened itself.
 *
 * What survives is what POSIX promises, taken strictly where it is easy to:
 *   - data: a file goes back to the content it had at its last fsync or fdatasync (or when it was first seen);
 *     bytes behind are cut off, bytes overwritten in place get their old values.
 *   - a file that was created and never flushed disappears.
 *   - names: rename and unlink are undone neither here nor by the file systems in use that order them (ext4, xfs).
 *     A renamed file keeps what was flushed of it, as a file replaced with unflushed content must show.
 *
 * In-place overwrites are kept as an undo list per file, dropped at each flush. Files are told apart by device and
 * inode, so that several descriptors of one file share their state.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct undo {
  off_t offset;
  size_t length;
  struct undo *older;
  char bytes[];
};

struct file {
  dev_t device;
  ino_t inode;
  int fd;      /* our own descriptor, so that the inode lives on and can be restored */
  int flushed; /* has ever been flushed, or was there before us */
  off_t durable;
  struct undo *undo;
  char path[PATH_MAX];
  struct file *next;
};

#define MAX_FDS 65536
static struct file *files;
static struct file *by_fd[MAX_FDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static __thread int inside;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) abort();
  return function;
}

static void *take_all_back(void) {
  inside = 1;
  pthread_mutex_lock(&lock); /* never given back: no write gets past this point */
  long cut = 0, undone = 0, vanished = 0;
  for (struct file *file = files; file != NULL; file = file->next) {
    if (!file->flushed) {
      struct stat named, own;
      int same = stat(file->path, &named) == 0 && fstat(file->fd, &own) == 0 && named.st_ino == own.st_ino;
      if (same && unlink(file->path) == 0) vanished++;
      continue;
    }
    for (struct undo *undo = file->undo; undo != NULL; undo = undo->older) {
      if (REAL(pwrite)(file->fd, undo->bytes, undo->length, undo->offset) < 0) abort();
      undone++;
    }
    struct stat now;
    if (fstat(file->fd, &now) == 0 && now.st_size > file->durable) cut += now.st_size - file->durable;
    if (REAL(ftruncate)(file->fd, file->durable) != 0) abort();
  }
  fprintf(stderr, "power loss: %ld bytes cut, %ld overwrites undone, %ld files gone\n", cut, undone, vanished);
  kill(getpid(), SIGKILL);
  return NULL;
}

/* A file rather than a signal: Node sets its own signal mask. */
static void *wait_for_trigger(void *trigger) {
  while (access(trigger, F_OK) != 0) usleep(500);
  return take_all_back();
}

__attribute__((constructor)) static void begin(void) {
  pthread_t thread;
  const char *trigger = getenv("POWERLOSS_TRIGGER");
  root = getenv("POWERLOSS_ROOT");
  if (root == NULL || trigger == NULL) return;
  if (pthread_create(&thread, NULL, wait_for_trigger, strdup(trigger)) != 0) abort();
}

static struct file *find(const struct stat *status) {
  for (struct file *file = files; file != NULL; file = file->next) {
    if (file->device == status->st_dev && file->inode == status->st_ino) return file;
  }
  return NULL;
}

static void forget_undo(struct file *file) {
  while (file->undo != NULL) {
    struct undo *older = file->undo->older;
    free(file->undo);
    file->undo = older;
  }
}

static void opened(int fd, const char *path, int flags, int existed, off_t size_before) {
  struct stat status;
  char full[PATH_MAX];
  if (fd < 0 || fd >= MAX_FDS || root == NULL) return;
  by_fd[fd] = NULL;
  if (realpath(path, full) == NULL || strncmp(full, root, strlen(root)) != 0) return;
  if ((flags & O_ACCMODE) == O_RDONLY || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  pthread_mutex_lock(&lock);
  struct file *file = find(&status);
  if (file == NULL) {
    file = calloc(1, sizeof *file);
    file->device = status.st_dev;
    file->inode = status.st_ino;
    file->fd = REAL(open)(full, O_RDWR | O_CLOEXEC);
    file->flushed = existed;
    file->durable = existed ? size_before : 0;
    file->next = files;
    files = file;
  }
  /* Truncated at opening: the old content is gone, as no file system promises to bring it back. */
  if ((flags & O_TRUNC) != 0) {
    forget_undo(file);
    file->durable = 0;
  }
  strcpy(file->path, full);
  by_fd[fd] = file;
  pthread_mutex_unlock(&lock);
}

static int open_known(const char *path, int flags, mode_t mode, int (*opener)(const char *, int, ...)) {
  struct stat before;
  int existed = !inside && root != NULL && stat(path, &before) == 0;
  int fd = opener(path, flags, mode);
  if (!inside) opened(fd, path, flags, existed, existed ? before.st_size : 0);
  return fd;
}

#define MODE_ARGUMENT                          \
  mode_t mode = 0;                             \
  if ((flags & (O_CREAT | __O_TMPFILE)) != 0) { \
    va_list arguments;                         \
    va_start(arguments, flags);                \
    mode = va_arg(arguments, mode_t);          \
    va_end(arguments);                         \
  }

int open(const char *path, int flags, ...) {
  MODE_ARGUMENT
  return open_known(path, flags, mode, REAL(open));
}

int open64(const char *path, int flags, ...) {
  MODE_ARGUMENT
  return open_known(path, flags, mode, REAL(open64));
}

int openat(int folder, const char *path, int flags, ...) {
  MODE_ARGUMENT
  if (folder == AT_FDCWD) return open_known(path, flags, mode, REAL(open));
  return REAL(openat)(folder, path, flags, mode);
}

/* What stdio writes is not seen, only its size when it is flushed: enough for files that are only appended to. */
static FILE *fopen_known(const char *path, const char *how, FILE *(*opener)(const char *, const char *)) {
  struct stat before;
  int existed = root != NULL && stat(path, &before) == 0;
  FILE *stream = opener(path, how);
  if (stream != NULL && how[0] != 'r') {
    opened(fileno(stream), path, O_WRONLY | (how[0] == 'w' ? O_TRUNC : 0), existed, existed ? before.st_size : 0);
  }
  return stream;
}

FILE *fopen(const char *path, const char *how) {
  return fopen_known(path, how, REAL(fopen));
}

FILE *fopen64(const char *path, const char *how) {
  return fopen_known(path, how, REAL(fopen64));
}

static void closed(int fd) {
  if (fd >= 0 && fd < MAX_FDS) {
    pthread_mutex_lock(&lock);
    by_fd[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
}

int close(int fd) {
  closed(fd);
  return REAL(close)(fd);
}

int fclose(FILE *stream) {
  closed(fileno(stream));
  return REAL(fclose)(stream);
}

/* Called with the lock held: remembers flushed bytes that are about to be overwritten. */
static void remember(struct file *file, off_t offset, size_t length) {
  if (offset >= file->durable) return;
  if (offset + (off_t)length > file->durable) length = file->durable - offset;
  struct undo *undo = malloc(sizeof *undo + length);
  ssize_t got = REAL(pread)(file->fd, undo->bytes, length, offset);
  undo->offset = offset;
  undo->length = got < 0 ? 0 : got;
  undo->older = file->undo;
  file->undo = undo;
}

static struct file *known(int fd) {
  return fd >= 0 && fd < MAX_FDS && !inside ? by_fd[fd] : NULL;
}

static off_t position(int fd) {
  struct stat status;
  if ((fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &status) == 0) return status.st_size;
  return lseek(fd, 0, SEEK_CUR);
}

#define WRITE(fd, offset, length, call)       \
  do {                                        \
    if (known(fd) == NULL) return call;       \
    pthread_mutex_lock(&lock);                \
    remember(known(fd), offset, length);      \
    ssize_t written = call;                   \
    int error = errno;                        \
    pthread_mutex_unlock(&lock);              \
    errno = error;                            \
    return written;                           \
  } while (0)

static size_t total(const struct iovec *parts, int count) {
  size_t bytes = 0;
  for (int index = 0; index < count; index++) bytes += parts[index].iov_len;
  return bytes;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  WRITE(fd, position(fd), length, REAL(write)(fd, bytes, length));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  WRITE(fd, offset, length, REAL(pwrite)(fd, bytes, length, offset));
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  WRITE(fd, offset, length, REAL(pwrite64)(fd, bytes, length, offset));
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  WRITE(fd, position(fd), total(parts, count), REAL(writev)(fd, parts, count));
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  WRITE(fd, offset, total(parts, count), REAL(pwritev)(fd, parts, count, offset));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  WRITE(fd, offset, total(parts, count), REAL(pwritev64)(fd, parts, count, offset));
}

/* Shortening is taken as durable at once: nothing that is tested here relies on a file being long again. */
static int shortened(int fd, int result) {
  struct stat status;
  pthread_mutex_lock(&lock);
  struct file *file = known(fd);
  if (result == 0 && file != NULL && fstat(fd, &status) == 0 && status.st_size < file->durable) {
    file->durable = status.st_size;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t length) {
  return shortened(fd, REAL(ftruncate)(fd, length));
}

int ftruncate64(int fd, off64_t length) {
  return shortened(fd, REAL(ftruncate64)(fd, length));
}

/* What was there before the call began is durable after it; what came meanwhile may not be. */
static int flush(int fd, int (*call)(int)) {
  struct stat before;
  struct undo *newest = NULL;
  if (known(fd) == NULL) return call(fd);
  pthread_mutex_lock(&lock);
  struct file *file = known(fd);
  fstat(fd, &before);
  newest = file->undo;
  pthread_mutex_unlock(&lock);
  int result = call(fd);
  int error = errno;
  pthread_mutex_lock(&lock);
  if (result == 0) {
    file->flushed = 1;
    if (before.st_size > file->durable) file->durable = before.st_size;
    /* Overwrites that came before the call need no undoing any more. */
    struct undo **link = &file->undo;
    while (*link != NULL && *link != newest) link = &(*link)->older;
    for (struct undo *undo = *link; undo != NULL;) {
      struct undo *older = undo->older;
      free(undo);
      undo = older;
    }
    *link = NULL;
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int fsync(int fd) {
  return flush(fd, REAL(fsync));
}

int fdatasync(int fd) {
  return flush(fd, REAL(fdatasync));
}

int rename(const char *from, const char *to) {
  char full[PATH_MAX];
  struct stat status;
  int result = REAL(rename)(from, to);
  if (result == 0 && root != NULL && realpath(to, full) != NULL && stat(full, &status) == 0) {
    pthread_mutex_lock(&lock);
    struct file *file = find(&status);
    if (file != NULL) strcpy(file->path, full);
    pthread_mutex_unlock(&lock);
  }
  return result;
}
