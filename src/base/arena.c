/* arena.c: memory that dies together. Blocks double from 16 KB; large pieces get a block of their own. */
#include "base/base.h"

#define ALIGN 16u
#define BLOCK_MAX ((size_t)1024 * 1024)
#define LARGE ((size_t)256 * 1024)
struct block {
    struct block *next;
    size_t size, used;
    _Alignas(ALIGN) char bytes[];
};
struct arena {
    struct block *head;
    size_t soft, used, held;
};

static void out_of_memory(void) {
    fputs("level=error event=out_of_memory\n", stderr);
    abort();
}

struct arena *arena_new(size_t soft) {
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        out_of_memory();
    a->soft = soft;
    return a;
}

void arena_free(struct arena *a) {
    if (!a)
        return;
    for (struct block *b = a->head, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

static struct block *grow(struct arena *a, size_t need) {
    size_t size = a->head ? a->head->size * 2 : 16 * 1024;
    if (size > BLOCK_MAX)
        size = BLOCK_MAX;
    if (size < need || need > LARGE)
        size = need;
    if (a->held + size > a->soft * 4 && a->held + need > a->soft * 4)
        out_of_memory();
    struct block *b = malloc(sizeof *b + size);
    if (!b)
        out_of_memory();
    a->held += size;
    if (a->head && need > LARGE) { /* behind the block in use, whose rest stays usable */
        *b = (struct block){a->head->next, size, 0};
        return a->head->next = b;
    }
    *b = (struct block){a->head, size, 0};
    return a->head = b;
}

void *arena_alloc(struct arena *a, size_t size) {
    if (size > SIZE_MAX / 2)
        out_of_memory();
    size_t need = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = a->head;
    if (!b || b->size - b->used < need)
        b = grow(a, need);
    void *p = b->bytes + b->used;
    b->used += need;
    a->used += need;
    return memset(p, 0, need);
}

void *arena_array(struct arena *a, size_t size, size_t count) {
    size_t total;
    if (__builtin_mul_overflow(size, count, &total))
        out_of_memory();
    return arena_alloc(a, total);
}

bool arena_over(const struct arena *a) {
    return a->used > a->soft;
}

size_t arena_used(const struct arena *a) {
    return a->used;
}
