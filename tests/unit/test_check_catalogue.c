/* test_check_catalogue.c: what supervision's checks say of catalogues: items nobody publishes, incomplete and doubled
 * ones, powers without an item. */
#include "unit_check.h"

static void ended(int64_t item_id, const char *last) {
    begin();
    ok(db_exec(&w, &item_version_end, DB_INT(item_id), DB_TEXTZ(last)));
    commit();
}

/* ── never published ── */

static void an_item_without_any_publication_is_red_after_its_days_until_the_first(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02"), subject = OWNER_ID(id, CHANGJIANG);
    expect("item_unpublished", "{\"days\": 60}", subject, "red 2027-01-02–");
    expect("item_unpublished", "{\"days\": 1}", subject, "red 2026-11-04–");
    assert_int_equal(said.unit_id, CHANGJIANG);
    assert_int_equal(said.item_id, id);
    assert_true(listed("item_unpublished", subject));
    int64_t p = publication("", "信息", id);
    edition(p, (struct edition_made){.from = nine("2026-11-03")}); /* the last day it may wait */
    expect("item_unpublished", "{\"days\": 1}", subject, "");
    assert_true(reached("item_unpublished", "disclosure", "published", "disclosure", p, subject));
    no_matter("item_unpublished", NULL, OWNER_ID(id, BAIPU));
}

static void each_owner_is_looked_at_by_itself(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item_made(
        (struct item_made){.limit = "20个工作日", .from = "2026-11-02", .owners = 1u << CHANGJIANG | 1u << BAIPU});
    edition(publication("", "信息", id), (struct edition_made){.from = nine("2026-11-10")});
    expect("item_unpublished", "{\"days\": 5}", OWNER_ID(id, CHANGJIANG), "red 2026-11-08–2026-11-10 09:00");
    expect("item_unpublished", "{\"days\": 5}", OWNER_ID(id, BAIPU), "red 2026-11-08–");
    assert_int_equal(said.unit_id, BAIPU);
    assert_true(reached("item_unpublished", "catalogue", "item_changed", "item", id, OWNER_ID(id, BAIPU)));
    assert_true(reached("item_unpublished", "catalogue", "in_force", "catalogue", STANDARD, OWNER_ID(id, CHANGJIANG)));
    assert_true(listed("item_unpublished", OWNER_ID(id, CHANGJIANG)) &&
                listed("item_unpublished", OWNER_ID(id, BAIPU)));
}

static void what_was_published_and_all_withdrawn_is_red_again(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02"), subject = OWNER_ID(id, CHANGJIANG);
    edition(publication("", "信息", id),
            (struct edition_made){.from = nine("2026-11-03"), .until = nine("2026-11-20")});
    expect("item_unpublished", "{\"days\": 5}", subject, "red 2026-11-20 09:00–");
    edition(publication("", "信息", id), (struct edition_made){.from = nine("2026-11-25")});
    expect("item_unpublished", "{\"days\": 5}", subject, "");
}

static void an_ended_item_is_owed_no_more_and_one_taken_over_counts_from_then(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t id = item("20个工作日", "2026-11-02");
    ended(id, "2026-11-20");
    expect("item_unpublished", "{\"days\": 5}", OWNER_ID(id, CHANGJIANG), "red 2026-11-08–2026-11-21");
    int64_t moved = item("20个工作日", "2026-11-02");
    item_made((struct item_made){.item = moved, .limit = "20个工作日", .from = "2026-11-16", .owners = 1u << BAIPU});
    expect("item_unpublished", "{\"days\": 5}", OWNER_ID(moved, CHANGJIANG), "red 2026-11-08–2026-11-16");
    expect("item_unpublished", "{\"days\": 5}", OWNER_ID(moved, BAIPU), "red 2026-11-22–");
    int64_t kept = item("20个工作日", "2026-11-02"); /* a new version with the same owner begins nothing anew */
    item_made((struct item_made){.item = kept, .limit = "20个工作日", .from = "2026-11-16", .owners = OWNED_HERE});
    expect("item_unpublished", "{\"days\": 5}", OWNER_ID(kept, CHANGJIANG), "red 2026-11-08–");
}

/* ── incomplete ── */

static void an_item_without_owner_ground_or_limit_is_incomplete_until_it_is_changed(void **s) {
    (void)s;
    at("2026-11-02");
    int64_t whole = item("20个工作日", "2026-11-02");
    expect("item_incomplete", NULL, whole, "");
    int64_t nobody = item_made((struct item_made){.limit = "20个工作日", .from = "2026-11-02"});
    expect("item_incomplete", NULL, nobody, "red 2026-11-02–");
    noted("公开主体没有落实到单位");
    assert_int_equal(said.unit_id, CHANGJIANG);
    assert_int_equal(said.holder, PERM_CATALOGUE_PROPOSE);
    int64_t id = item_made((struct item_made){
        .limit = "按有关规定公开", .from = "2026-11-02", .basis = " ", .owners = OWNED_HERE, .unsettled = true});
    expect("item_incomplete", NULL, id, "red 2026-11-02–");
    noted("没有公开依据；公开时限尚未确定");
    item_made((struct item_made){.item = id, .limit = "20个工作日", .from = "2026-11-16", .owners = OWNED_HERE});
    expect("item_incomplete", NULL, id, "red 2026-11-02–2026-11-16");
    ended(nobody, "2026-11-09");
    expect("item_incomplete", NULL, nobody, "red 2026-11-02–2026-11-10");
    assert_true(listed("item_incomplete", id));
    assert_true(reached("item_incomplete", "catalogue", "item_changed", "item", id, id));
    assert_true(reached("item_incomplete", "catalogue", "in_force", "catalogue", STANDARD, id));
    no_matter("item_incomplete", NULL, 99999);
}

/* ── twice ── */

static void the_same_names_in_two_catalogues_of_one_unit_are_one_too_many(void **s) {
    (void)s;
    at("2026-11-02");
    struct item_made x = {.limit = "20个工作日", .from = "2026-11-02", .level2 = "临时救助", .owners = OWNED_HERE};
    int64_t first = item_made(x);
    x.catalogue = ELSEWHERE;
    int64_t other_unit = item_made(x);
    x.catalogue = SUPPLEMENTARY;
    x.from = "2026-11-09";
    int64_t twin = item_made(x);
    expect("item_duplicate", NULL, first, "");
    expect("item_duplicate", NULL, other_unit, "");
    expect("item_duplicate", NULL, twin, "orange 2026-11-09–");
    noted("临时救助");
    x.level2 = "临时救助金";
    x.catalogue = SUPPLEMENTARY;
    expect("item_duplicate", NULL, item_made(x), "");
    assert_true(reached("item_duplicate", "catalogue", "item_changed", "item", first, twin));
    assert_false(reached("item_duplicate", "catalogue", "item_changed", "item", first, other_unit));
    ended(first, "2026-11-30");
    expect("item_duplicate", NULL, twin, "orange 2026-11-09–2026-12-01");
}

/* ── powers and services ── */

static int64_t matter(const char *code) {
    struct db_rows r;
    begin();
    assert_int_equal(db_one(&w, &matter_put, &r, DB_TEXTZ(code), DB_INT(CHANGJIANG), DB_INT(w.now)), 1);
    commit();
    return db_i(&r, 0, 0);
}

static void a_power_without_an_item_is_yellow_at_once_and_red_after_its_days(void **s) {
    (void)s;
    at("2026-09-24"); /* three working days, the holiday between: 28, 29, 30 */
    int64_t id = matter("a");
    expect("matter_unlinked", "{\"days\": 3}", id, "yellow 2026-09-24 09:00–2026-10-01; red 2026-10-01–");
    expect("matter_unlinked", "{\"days\": 0}", id, "yellow 2026-09-24 09:00–2026-09-25; red 2026-09-25–");
    assert_int_equal(said.unit_id, CHANGJIANG);
    assert_true(reached("matter_unlinked", "catalogue", "matters_imported", "matter", 0, id));
    int64_t linked_to = item("20个工作日", "2026-09-24");
    begin();
    ok(db_exec(&w, &matter_link_put, DB_INT(id), DB_INT(linked_to)));
    commit();
    happened("catalogue", "matter_linked", "matter", id, nine("2026-09-30"));
    expect("matter_unlinked", "{\"days\": 3}", id, "yellow 2026-09-24 09:00–2026-09-30 09:00");
    assert_false(reached("matter_unlinked", "catalogue", "matters_imported", "matter", 0, id));
    assert_true(listed("matter_unlinked", id));
    int64_t over = matter("b");
    begin();
    ok(db_exec(&w, &matter_end, DB_INT(over), DB_TEXTZ("2026-10-08")));
    commit();
    expect("matter_unlinked", "{\"days\": 3}", over, "yellow 2026-09-24 09:00–2026-10-01; red 2026-10-01–2026-10-09");
    no_matter("matter_unlinked", NULL, 99999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_without_any_publication_is_red_after_its_days_until_the_first),
        cmocka_unit_test(each_owner_is_looked_at_by_itself),
        cmocka_unit_test(what_was_published_and_all_withdrawn_is_red_again),
        cmocka_unit_test(an_ended_item_is_owed_no_more_and_one_taken_over_counts_from_then),
        cmocka_unit_test(an_item_without_owner_ground_or_limit_is_incomplete_until_it_is_changed),
        cmocka_unit_test(the_same_names_in_two_catalogues_of_one_unit_are_one_too_many),
        cmocka_unit_test(a_power_without_an_item_is_yellow_at_once_and_red_after_its_days),
    };
    return run_checks("checks of catalogues", tests);
}
