/* fuzz_note.c: signed notes, keys and checkpoints as they come from a witness, a file of checkpoints, the command line.
 */
#include "ledger/ledger_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *a = arena_new(1 << 22);
    struct str s = {(const char *)data, size}, bytes;
    struct checkpoint_head head;
    struct note_key k;
    if (checkpoint_parse(a, s, &head) == 0 && !str_starts(note_text(s), head.origin))
        abort();
    if (base64_decode(a, s, &bytes) == 0 && !str_eq(base64_encode(a, bytes.p, bytes.n), s))
        abort();
    if (note_key_parse(s, &k) == 0) {
        struct str again = note_vkey(a, &k);
        if (!str_eq(again, s))
            abort();
        note_key_free(&k);
    }
    if (note_key_parse(S("witness.example+1c0f8b73+BBoJzWM2kbJSMHVj5cJJH5RBWPkHyZvB4iOTfNTZKxi6"), &k) == 0) {
        (void)note_verify(a, s, &k, NULL, NULL);
        note_key_free(&k);
    }
    arena_free(a);
    return 0;
}
