/* extract.c: text of an attachment, read by a helper process: a hostile file ends the helper, not the server.
 *
 * The helper is this program again, with the hidden command extract-text. Its answer on stdout:
 *   mingtang-extract 1 LF pages N LF problem TEXT LF LF the text
 * The server reads a bounded answer within a bounded time, and takes silence for "could not be checked". */
#include "blob/blob_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER_BYTES 2048

static const char magic_line[] = "mingtang-extract 1\n";
static const char *extractor = "/proc/self/exe";

void blob_set_extractor(const char *path) {
    extractor = path;
}

/* ── a few at a time ── */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_free = PTHREAD_COND_INITIALIZER;
static int gate_inside;

static void gate_enter(void) {
    pthread_mutex_lock(&gate);
    while (gate_inside == BLOB_EXTRACTORS)
        pthread_cond_wait(&gate_free, &gate);
    gate_inside++;
    pthread_mutex_unlock(&gate);
}

static void gate_leave(void) {
    pthread_mutex_lock(&gate);
    gate_inside--;
    pthread_cond_signal(&gate_free);
    pthread_mutex_unlock(&gate);
}

/* ── the process ── */

/* A file in memory with the input, at its start; -1. */
static int input_file(struct str input) {
    int fd = memfd_create("input", MFD_CLOEXEC);
    for (size_t done = 0; fd >= 0 && done < input.n;) {
        ssize_t k = write(fd, input.p + done, input.n - done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)k;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Own process group, no signals blocked, nothing open but the input and the answer's pipe. -1 when it could not be
 * started. */
static pid_t spawn(struct arena *a, const char *const *arguments, int in, int out) {
    pid_t pid = -1;
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    sigset_t none, defaults;
    char *argv[6] = {str_dupz(a, S("mingtang"))};
    for (size_t i = 0; i < 4 && arguments[i]; i++)
        argv[i + 1] = str_dupz(a, str_z(arguments[i]));
    char *env[] = {str_dupz(a, S("LC_ALL=C.UTF-8")), str_dupz(a, S("G_SLICE=always-malloc")), NULL};
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&fa);
    posix_spawnattr_init(&at);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&fa, in, 0);
    else
        posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&fa, out, 1);
    posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&fa, 3);
    posix_spawnattr_setsigmask(&at, &none);
    posix_spawnattr_setsigdefault(&at, &defaults);
    posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    int e = posix_spawn(&pid, extractor, &fa, &at, argv, env);
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    if (e == 0)
        return pid;
    log_line(LOG_ERROR, "helper_spawn", "errno=%d", e);
    return -1;
}

static atomic_bool stopping;

void blob_stop(void) {
    atomic_store(&stopping, true);
}

bool extract_stopped(void) {
    return atomic_load(&stopping);
}

/* Reads the whole answer; false when it is too long, too slow or broken off. */
static bool read_answer(int fd, const struct helper_call *call, struct buf *answer) {
    uint64_t end = clock_mono_ns() + (uint64_t)call->seconds * 1000000000ULL;
    for (;;) {
        uint64_t now = clock_mono_ns();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int n = now < end ? poll(&p, 1, 200) : -1;
        if (n == 0 && !(call->breaks && extract_stopped()))
            continue;
        if (n < 0 && errno == EINTR && now < end)
            continue;
        if (n <= 0)
            return false;
        char chunk[16384];
        ssize_t k = read(fd, chunk, sizeof chunk);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k == 0;
        buf_add(answer, (struct str){chunk, (size_t)k});
        if (answer->failed)
            return false;
    }
}

bool helper_run(struct arena *a, const struct helper_call *c, struct buf *answer) {
    int fds[2], status = -1, in = -1;
    if (c->input.n && (in = input_file(c->input)) < 0)
        return false;
    if (pipe2(fds, O_CLOEXEC) < 0) {
        if (in >= 0)
            close(in);
        return false;
    }
    pid_t pid = spawn(a, c->arguments, in, fds[1]);
    close(fds[1]);
    if (in >= 0)
        close(in);
    bool ok = pid > 0 && read_answer(fds[0], c, answer);
    close(fds[0]);
    if (pid <= 0)
        return false;
    if (!ok)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    bool well = ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!well)
        log_line(LOG_WARN, "helper_failed", "command=%s status=%d", c->arguments[0], status);
    return well;
}

static int parse_answer(struct arena *a, struct str s, struct extracted *ret) {
    struct str line;
    if (!str_starts(s, str_z(magic_line)))
        return -1;
    s = str_sub(s, sizeof magic_line - 1, s.n);
    if (!str_cut(s, '\n', &line, &s) || !str_starts(line, S("pages ")) ||
        str_int(str_sub(line, 6, line.n), &ret->pages) < 0)
        return -1;
    if (!str_cut(s, '\n', &line, &s) || !str_starts(line, S("problem ")))
        return -1;
    ret->problem = str_dup(a, str_sub(line, 8, line.n));
    if (!str_cut(s, '\n', &line, &s) || line.n || (s.n && !utf8_valid(s)) || !utf8_valid(ret->problem))
        return -1;
    ret->text = str_dup(a, s);
    return 0;
}

/* What needs no reading. */
static const char *problem_of(const char *type) {
    const struct blob_kind *k = blob_kind(type);
    if (!k)
        return NULL;
    switch (k->reader) {
    case READ_ARCHIVE:
        return "压缩包内的文件没有检查，请人工核对";
    case READ_LOCKED:
        return problem_locked;
    case READ_NOTHING:
        return "";
    default:
        return NULL;
    }
}

int extract_run(struct work *w, const char *path, const char *type, size_t max, struct extracted *ret) {
    struct extracted x = {.problem = S("文件可能已损坏，无法自动检查内容，请人工核对"), .text = S("")};
    const char *problem = problem_of(type);
    if (problem) {
        x.problem = str_z(problem);
    } else {
        struct extracted got = {0};
        struct buf answer;
        buf_init(&answer, max + HEADER_BYTES);
        bool slow = str_starts(str_z(type), S("ocr-")); /* one at a time, by its job: uploads do not wait for it */
        if (!slow)
            gate_enter();
        struct helper_call call = {.arguments = {"extract-text", path, type},
                                   .seconds = slow ? BLOB_OCR_SECONDS : BLOB_WALL_SECONDS,
                                   .breaks = slow};
        bool ok = helper_run(w->arena, &call, &answer);
        if (!slow)
            gate_leave();
        if (ok && parse_answer(w->arena, buf_str(&answer), &got) == 0)
            x = got;
        buf_release(&answer);
    }
    *ret = x;
    return 0;
}

int docx_to_html(struct work *w, const char *path, struct str *ret_html) {
    struct extracted x;
    if (extract_run(w, path, "docx-html", LIMIT_BODY_TEXT, &x) < 0)
        return -1;
    if (x.problem.n)
        return fail(w, ERR_INVALID, "这个文件打不开：%.*s", STR_ARG(x.problem));
    *ret_html = x.text;
    return 0;
}
