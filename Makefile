# Mingtang: plain make. BUILD=release (default), debug, or test (ASan + UBSan). Everything goes to build/.
BUILD ?= release
OUT := build/$(BUILD)
GEN := build/gen
CC ?= gcc
PKGS := libmicrohttpd sqlite3 libpq jansson openssl gumbo poppler-glib libarchive libxml-2.0 libcurl zlib libbrotlienc libbrotlidec libpcre2-8 pangocairo libqrencode libjpeg
WARN := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wvla -Wwrite-strings -Wformat=2 -Wundef -Wcast-qual -Wno-format-nonliteral
CFLAGS.release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS.debug := -O0 -g -DMINGTANG_CHECKS
CFLAGS.test := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -DMINGTANG_CHECKS
LDFLAGS.test := -fsanitize=address,undefined
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) | sed 's/-I/-isystem /g')
PKG_LIBS := $(shell pkg-config --libs $(PKGS)) -largon2 -lmagic -lxlsxwriter -lcsv -lm -lpthread
CFLAGS += -std=gnu17 -D_GNU_SOURCE -fPIE $(WARN) $(CFLAGS.$(BUILD)) -Isrc -I$(GEN) $(PKG_CFLAGS)
LDFLAGS += -pie -Wl,-z,relro,-z,now $(LDFLAGS.$(BUILD))

SRC := $(sort $(wildcard src/*/*.c))
SQL := $(sort $(wildcard src/*/*.sql))
ASSETS := $(shell find templates data sql/migrations build/web -type f 2>/dev/null | sort)
OBJ := $(SRC:src/%.c=$(OUT)/%.o) $(OUT)/gen/statements.o $(OUT)/gen/assets.o
MAIN := $(OUT)/app/main.o
LIB_OBJ := $(filter-out $(MAIN),$(OBJ))
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/*.c))

all: $(OUT)/mingtang
$(OUT)/mingtang: $(OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJ) $(PKG_LIBS)
$(OUT)/%.o: src/%.c $(GEN)/statements.stamp
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(OUT)/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
# Named statements: one header per room and one table for all.
$(GEN)/statements.stamp: $(SQL) tools/gen-statements
	@mkdir -p $(GEN)
	tools/gen-statements $(GEN) $(SQL)
	@touch $@
$(GEN)/statements.c: $(GEN)/statements.stamp
	@:
# Templates, migrations, data and web bundle, embedded.
$(GEN)/assets.c: $(ASSETS) tools/gen-assets $(GEN)/assets.list
	@mkdir -p $(GEN)
	tools/gen-assets $(GEN) < $(GEN)/assets.list
$(GEN)/assets.list: FORCE
	@mkdir -p $(GEN)
	@printf '%s\n' $(ASSETS) | cmp -s - $@ || printf '%s\n' $(ASSETS) > $@
FORCE:

unit: $(UNIT)
$(OUT)/unit/%: tests/unit/%.c $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Itests/unit -MMD -MP -o $@ $< $(LIB_OBJ) $(PKG_LIBS) -lcmocka
# The log's measurements: ./dev bench ledger.
$(OUT)/load/ledger: tests/load/ledger.c $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(LIB_OBJ) $(PKG_LIBS)
# Search on generated documents: ./dev bench search.
$(OUT)/load/search: tests/load/search.c $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(LIB_OBJ) $(PKG_LIBS)
# Lists, counts and figures of applications: ./dev bench requests.
$(OUT)/load/requests: tests/load/requests.c $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(LIB_OBJ) $(PKG_LIBS)
# Alerts and the time wheel: ./dev bench supervision.
$(OUT)/load/supervision: tests/load/supervision.c $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(LIB_OBJ) $(PKG_LIBS)
# The program with a log that can be left out, to measure what it costs a publication.
$(OUT)/load/unlogged: tests/load/unlogged.c $(OBJ)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=event_append,--wrap=ledger_settled,--wrap=ledger_pass,--wrap=ledger_before_commit -MMD -MP -o $@ $< $(OBJ) $(PKG_LIBS)
# One libFuzzer target with clang: FUZZ=fuzz_name.
FUZZ_OBJ = $(patsubst src/%.c,build/fuzz/obj/%.o,$(filter-out src/app/main.c,$(SRC))) build/fuzz/obj/gen/statements.o build/fuzz/obj/gen/assets.o
fuzz-one: build/fuzz/$(FUZZ)
build/fuzz/obj/%.o: src/%.c $(GEN)/statements.stamp
	@mkdir -p $(@D)
	clang -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=address,fuzzer-no-link -DMINGTANG_CHECKS -Isrc -I$(GEN) $(PKG_CFLAGS) -c -o $@ $<
build/fuzz/obj/gen/%.o: $(GEN)/%.c
	@mkdir -p $(@D)
	clang -std=gnu17 -D_GNU_SOURCE -g -Isrc -I$(GEN) $(PKG_CFLAGS) -c -o $@ $<
build/fuzz/$(FUZZ): tests/fuzz/$(FUZZ).c $(FUZZ_OBJ)
	clang -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=address,fuzzer -Isrc -I$(GEN) $(PKG_CFLAGS) -o $@ $< $(FUZZ_OBJ) $(PKG_LIBS)
clean:
	rm -rf build
.PHONY: all unit clean fuzz-one FORCE
.SECONDARY:
-include $(OBJ:.o=.d) $(UNIT:=.d)
