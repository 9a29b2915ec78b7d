/* paper_letter.c: official letters as PDF, in the general form (通用格式) of GB/T 9704-2012.
 *
 * Below the red line everything is a row of the grid: 22 rows of 28 signs on a page. All rows are made first, then
 * dealt to pages; the signature never stands on a page without text before it. */
#include "paper/paper_letter.h"
#include "paper/paper_internal.h"

#define GRID_LEFT POINTS(28)
#define GRID_TOP POINTS(37)
#define GRID_WIDTH POINTS(156)
#define GRID_HEIGHT POINTS(225)
#define GRID_BOTTOM (GRID_TOP + GRID_HEIGHT)
#define ROWS 22
#define PITCH (GRID_HEIGHT / ROWS)
#define EM (GRID_WIDTH / 28)
#define BODY_SIZE 16.0  /* 三号 */
#define TITLE_SIZE 22.0 /* 二号 */
#define MARK_SIZE 42.0
#define CODE_SIZE POINTS(21)

enum letter_style { LETTER_BODY, LETTER_TITLE, LETTER_MARK, LETTER_PAGE, LETTER_CAPTION };
static const struct type {
    double size;
    bool bold, justify, red;
} types[] = {
    [LETTER_BODY] = {BODY_SIZE, .justify = true},
    [LETTER_TITLE] = {TITLE_SIZE, .bold = true},
    [LETTER_MARK] = {MARK_SIZE, .bold = true, .red = true},
    [LETTER_PAGE] = {14},
    [LETTER_CAPTION] = {8},
};

struct row {
    PangoLayoutLine *line[2]; /* a label and what stands beside it; none: a blank row */
    double x[2], size;
};
struct sheet {
    struct paper *p;
    struct row *rows;
    size_t n, cap;
    GPtrArray *layouts; /* they own the lines */
    size_t first;       /* rows of page 1 */
    double top;         /* where they begin */
    bool draft;
};

/* ── texts ── */

static int cleaned(struct work *w, struct str text, bool lines, struct str *ret) {
    struct buf b;
    buf_init(&b, LETTER_TEXT_BYTES);
    clean_text(&b, text, lines);
    bool good = !b.failed;
    *ret = good ? str_dup(w->arena, str_trim(buf_str(&b))) : STR_NONE;
    buf_release(&b);
    return good ? 0 : fail(w, ERR_TOO_LARGE, "文书内容过长，不能生成文件");
}

int letter_text_of(struct work *w, const struct paper_letter *l, struct letter_text *t) {
    struct arena *a = w->arena;
    *t = (struct letter_text){.annex_count = l->annex_count, .day = day_chinese(a, l->day)};
    t->annexes = arena_many(a, struct str, l->annex_count + 1);
    if (cleaned(w, l->organ, false, &t->organ) < 0 || cleaned(w, l->number, false, &t->number) < 0 ||
        cleaned(w, l->title, true, &t->title) < 0 || cleaned(w, l->addressee, false, &t->addressee) < 0 ||
        cleaned(w, l->body, true, &t->body) < 0 || cleaned(w, l->signer, false, &t->signer) < 0 ||
        cleaned(w, l->note, false, &t->note) < 0)
        return -1;
    for (size_t i = 0; i < l->annex_count; i++) {
        if (cleaned(w, l->annexes[i], false, &t->annexes[i]) < 0)
            return -1;
        if (l->annex_count > 1)
            t->annexes[i] = str_printf(a, "%zu.%.*s", i + 1, STR_ARG(t->annexes[i]));
    }
    if (t->addressee.n && !str_ends(t->addressee, S("：")))
        t->addressee = str_printf(a, "%.*s：", STR_ARG(t->addressee));
    if (t->note.n && !str_starts(t->note, S("（")))
        t->note = str_printf(a, "（%.*s）", STR_ARG(t->note));
    if (l->draft)
        t->number = S("（草稿，尚未编号）");
    if (l->day == DAY_NONE)
        t->day = S("　　　　年　　月　　日");
    return 0;
}

double letter_mark_size(struct str organ) {
    double n = (double)utf8_length(organ), fits = n > 0 ? 0.98 * GRID_WIDTH / n : MARK_SIZE;
    return fits > MARK_SIZE ? MARK_SIZE : fits < TITLE_SIZE ? TITLE_SIZE : fits;
}

/* ── lines ── */

static void attribute(PangoAttrList *list, PangoAttribute *a) {
    a->start_index = 0;
    a->end_index = G_MAXUINT;
    pango_attr_list_insert(list, a);
}

static PangoLayout *layout_of(struct sheet *s, enum letter_style style, double size, struct str text, double width) {
    const struct type *type = &types[style];
    PangoLayout *l = pango_layout_new(s->p->context);
    PangoFontDescription *font = pango_font_description_from_string("Noto Serif CJK SC,Noto Sans CJK SC,serif");
    PangoAttrList *list = pango_attr_list_new();
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_font_description_set_weight(font, type->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(l, font);
    pango_font_description_free(font);
    attribute(list, pango_attr_insert_hyphens_new(FALSE));
    if (style == LETTER_BODY) /* 28 signs of 16 points are a little wider than 156 mm */
        attribute(list, pango_attr_letter_spacing_new((int)((EM - BODY_SIZE) * PANGO_SCALE)));
    if (type->red)
        attribute(list, pango_attr_foreground_new(0xD400, 0, 0));
    pango_layout_set_attributes(l, list);
    pango_attr_list_unref(list);
    if (width > 0)
        pango_layout_set_width(l, (int)((width + 0.5) * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(l, FALSE);
    pango_layout_set_justify(l, type->justify && width > 0);
    pango_layout_set_text(l, text.n ? text.p : "", (int)text.n);
    g_ptr_array_add(s->layouts, l);
    return l;
}

static double width_of(PangoLayout *l) {
    PangoRectangle r;
    pango_layout_get_extents(l, NULL, &r);
    return (double)r.width / PANGO_SCALE;
}

static struct row *new_row(struct sheet *s) {
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 64;
        struct row *v = arena_many(s->p->w->arena, struct row, cap);
        if (s->n)
            memcpy(v, s->rows, s->n * sizeof *v);
        s->rows = v;
        s->cap = cap;
    }
    s->rows[s->n] = (struct row){.size = BODY_SIZE};
    return &s->rows[s->n++];
}

static void blank_rows(struct sheet *s, int n) {
    while (n-- > 0)
        (void)new_row(s);
}

/* Every line of the layout is a row. */
static void add_rows(struct sheet *s, PangoLayout *l, double x, double size) {
    PangoLayoutIter *it = pango_layout_get_iter(l);
    do {
        PangoRectangle r;
        struct row *row = new_row(s);
        pango_layout_iter_get_line_extents(it, NULL, &r);
        row->line[0] = pango_layout_iter_get_line_readonly(it);
        row->x[0] = x + (double)r.x / PANGO_SCALE;
        row->size = size;
    } while (pango_layout_iter_next_line(it));
    pango_layout_iter_free(it);
}

static void add_body(struct sheet *s, struct str body) {
    for (struct str line; body.n;) {
        if (!str_cut(body, '\n', &line, &body))
            line = body, body = STR_NONE;
        line = str_trim(line);
        if (!line.n) {
            blank_rows(s, 1);
            continue;
        }
        PangoLayout *l = layout_of(s, LETTER_BODY, BODY_SIZE, line, GRID_WIDTH);
        pango_layout_set_indent(l, (int)(2 * EM * PANGO_SCALE));
        add_rows(s, l, GRID_LEFT, BODY_SIZE);
    }
}

/* Lines of about the same length, so that the last one is no single sign. */
static void add_title(struct sheet *s, struct str title) {
    PangoLayout *l = layout_of(s, LETTER_TITLE, TITLE_SIZE, title, 0);
    double whole = width_of(l);
    int lines = (int)(whole / GRID_WIDTH) + 1;
    double width = lines > 1 && str_find(title, S("\n")) < 0 ? whole / lines + 2 * TITLE_SIZE : GRID_WIDTH;
    width = width > GRID_WIDTH ? GRID_WIDTH : width;
    l = layout_of(s, LETTER_TITLE, TITLE_SIZE, title, width);
    pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
    add_rows(s, l, GRID_LEFT + (GRID_WIDTH - width) / 2, TITLE_SIZE);
}

/* 附件说明: below the text, two signs in; further lines of a name stand under its first sign. */
static void add_annexes(struct sheet *s, const struct letter_text *t) {
    PangoLayout *label = layout_of(s, LETTER_BODY, BODY_SIZE, S("附件："), 0);
    blank_rows(s, t->annex_count ? 1 : 0);
    for (size_t i = 0; i < t->annex_count; i++) {
        size_t at = s->n;
        struct str name = t->annexes[i];
        PangoLayout *l = layout_of(s, LETTER_BODY, BODY_SIZE, name, GRID_WIDTH - 5 * EM);
        if (t->annex_count > 1) { /* "1." hangs out */
            PangoLayout *digits = layout_of(s, LETTER_BODY, BODY_SIZE, str_sub(name, 0, i < 9 ? 2 : 3), 0);
            pango_layout_set_indent(l, -(int)(width_of(digits) * PANGO_SCALE));
        }
        add_rows(s, l, GRID_LEFT + 5 * EM, BODY_SIZE);
        if (i == 0) {
            s->rows[at].line[1] = pango_layout_get_line_readonly(label, 0);
            s->rows[at].x[1] = GRID_LEFT + 2 * EM;
        }
    }
}

/* Room for the seal, whose middle lies on the signature; the date four signs from the right, the name above its middle,
 * both moved left when the name is long. */
static void add_signature(struct sheet *s, const struct letter_text *t) {
    PangoLayout *name = layout_of(s, LETTER_BODY, BODY_SIZE, t->signer, 0),
                *day = layout_of(s, LETTER_BODY, BODY_SIZE, t->day, 0);
    double right = GRID_LEFT + GRID_WIDTH, name_width = width_of(name), day_width = width_of(day);
    double middle = right - 4 * EM - day_width / 2;
    middle = middle + name_width / 2 > right ? right - name_width / 2 : middle;
    blank_rows(s, 2);
    if (t->signer.n)
        add_rows(s, name, middle - name_width / 2, BODY_SIZE);
    add_rows(s, day, middle - day_width / 2, BODY_SIZE);
    if (t->note.n)
        add_rows(s, layout_of(s, LETTER_BODY, BODY_SIZE, t->note, GRID_WIDTH - 2 * EM), GRID_LEFT + 2 * EM, BODY_SIZE);
}

/* ── pages ── */

static size_t page_of(const struct sheet *s, size_t row) {
    return row < s->first ? 0 : 1 + (row - s->first) / ROWS;
}

/* When the rows from `tail` on would begin a page or be parted, two rows of text go to the next page with them. */
static void keep_together(struct sheet *s, size_t tail) {
    size_t last = page_of(s, s->n - 1), from = tail > 2 ? tail - 2 : 0, blank = 0;
    if (!from || s->n - tail > ROWS / 2 || (page_of(s, tail) == last && page_of(s, tail - 1) == last))
        return;
    while (from > 0 && !s->rows[from].line[0])
        from--;
    while (page_of(s, from + blank) == page_of(s, from))
        blank++;
    size_t n = s->n;
    blank_rows(s, (int)blank);
    memmove(s->rows + from + blank, s->rows + from, (n - from) * sizeof *s->rows);
    for (size_t i = from; i < from + blank; i++)
        s->rows[i] = (struct row){.size = BODY_SIZE};
}

static void line_at(struct sheet *s, PangoLayoutLine *line, double x, double y, double size) {
    line_draw(s->p, line, x, y + PITCH / 2 + 0.38 * size, 0);
}

static void draft_mark(struct sheet *s) {
    PangoLayout *l = layout_of(s, LETTER_TITLE, TITLE_SIZE, S("草　稿"), 0);
    double width = width_of(l), x = GRID_LEFT + GRID_WIDTH - width - 8, y = POINTS(18);
    grey(s->p, 0.55);
    cairo_set_line_width(s->p->cr, 1.2);
    cairo_rectangle(s->p->cr, x - 8, y, width + 16, PITCH + 4);
    cairo_stroke(s->p->cr);
    line_draw(s->p, pango_layout_get_line_readonly(l, 0), x, y + 2 + PITCH / 2 + 0.38 * TITLE_SIZE, 0.55);
}

/* 7 mm below the text, one sign from the outer side. */
static void page_number(struct sheet *s) {
    char text[32];
    snprintf(text, sizeof text, "— %d —", s->p->page);
    PangoLayout *l = layout_of(s, LETTER_PAGE, types[LETTER_PAGE].size, str_z(text), 0);
    double x = s->p->page % 2 ? GRID_LEFT + GRID_WIDTH - EM - width_of(l) : GRID_LEFT + EM;
    line_draw(s->p, pango_layout_get_line_readonly(l, 0), x, GRID_BOTTOM + POINTS(7) + types[LETTER_PAGE].size, 0);
}

static int check_code(struct sheet *s, struct str check) {
    double y = GRID_BOTTOM + POINTS(4), x = GRID_LEFT + CODE_SIZE + 3, line = types[LETTER_CAPTION].size * 1.4;
    QRcode *code = qr_encode(s->p->w, check);
    if (!code) {
        s->p->failed = true;
        return -1;
    }
    qr_draw(s->p->cr, code, GRID_LEFT - 3, y, CODE_SIZE);
    QRcode_free(code);
    PangoLayout *l =
        layout_of(s, LETTER_CAPTION, types[LETTER_CAPTION].size,
                  str_printf(s->p->w->arena, "扫码核对\n%.*s", STR_ARG(check)), GRID_WIDTH - CODE_SIZE - POINTS(30));
    int lines = pango_layout_get_line_count(l);
    double at = y + (CODE_SIZE - lines * line) / 2;
    for (int i = 0; i < lines; i++, at += line)
        line_draw(s->p, pango_layout_get_line_readonly(l, i), x, at + line * 0.8, 0.25);
    return 0;
}

/* 发文机关标志 35 mm below the upper edge of the text, 文号 two rows below, the line 4 mm below that. */
static void head(struct sheet *s, const struct letter_text *t) {
    double size = letter_mark_size(t->organ), y = GRID_TOP + POINTS(35);
    PangoLayout *mark = layout_of(s, LETTER_MARK, size, t->organ, GRID_WIDTH),
                *number = layout_of(s, LETTER_BODY, BODY_SIZE, t->number, 0);
    for (int i = 0; i < pango_layout_get_line_count(mark); i++, y += 1.15 * size) {
        PangoLayoutLine *line = pango_layout_get_line_readonly(mark, i);
        PangoRectangle r;
        pango_layout_line_get_extents(line, NULL, &r);
        line_draw(s->p, line, GRID_LEFT + (GRID_WIDTH - (double)r.width / PANGO_SCALE) / 2, y + 0.86 * size, 0);
    }
    y += 2 * PITCH - 0.15 * size;
    if (t->number.n)
        line_at(s, pango_layout_get_line_readonly(number, 0), GRID_LEFT + (GRID_WIDTH - width_of(number)) / 2, y,
                BODY_SIZE);
    y += PITCH / 2 + 0.5 * BODY_SIZE + POINTS(4);
    cairo_set_source_rgb(s->p->cr, 0.83, 0, 0);
    cairo_set_line_width(s->p->cr, 1.6);
    cairo_move_to(s->p->cr, GRID_LEFT, y);
    cairo_rel_line_to(s->p->cr, GRID_WIDTH, 0);
    cairo_stroke(s->p->cr);
    int used = (int)((y - GRID_TOP) / PITCH) + 1;
    used = used > ROWS - 4 ? ROWS - 4 : used;
    s->top = GRID_TOP + used * PITCH;
    s->first = (size_t)(ROWS - used);
}

static void draw_pages(struct sheet *s) {
    size_t i = 0;
    for (; !paper_stopped(s->p); s->p->page++) {
        size_t count = s->p->page == 1 ? s->first : ROWS;
        double y = s->p->page == 1 ? s->top : GRID_TOP;
        for (size_t k = 0; k < count && i < s->n; k++, i++, y += PITCH)
            for (int part = 0; part < 2; part++)
                if (s->rows[i].line[part])
                    line_at(s, s->rows[i].line[part], s->rows[i].x[part], y, s->rows[i].size);
        if (s->draft)
            draft_mark(s);
        page_number(s);
        cairo_show_page(s->p->cr);
        if (i >= s->n)
            break;
    }
}

int paper_letter_pdf(struct work *w, const struct paper_letter *l, struct str *ret) {
    struct letter_text t;
    if (letter_text_of(w, l, &t) < 0)
        return -1;
    struct sheet s = {.p = paper_begin(w, t.title, STR_NONE),
                      .layouts = g_ptr_array_new_with_free_func(g_object_unref),
                      .draft = l->draft};
    head(&s, &t);
    blank_rows(&s, 2);
    add_title(&s, t.title);
    blank_rows(&s, 1);
    if (t.addressee.n)
        add_rows(&s, layout_of(&s, LETTER_BODY, BODY_SIZE, t.addressee, GRID_WIDTH), GRID_LEFT, BODY_SIZE);
    add_body(&s, t.body);
    add_annexes(&s, &t);
    size_t tail = s.n;
    add_signature(&s, &t);
    keep_together(&s, tail);
    if (l->check.n && !l->draft && check_code(&s, l->check) < 0) {
        paper_abandon(s.p);
        g_ptr_array_free(s.layouts, TRUE);
        return -1;
    }
    draw_pages(&s);
    int rc = paper_finish(s.p, ret);
    g_ptr_array_free(s.layouts, TRUE);
    return rc;
}
