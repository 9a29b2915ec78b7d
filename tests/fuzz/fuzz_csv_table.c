/* fuzz_csv_table.c: any bytes as a CSV file in whatever encoding. */
#include "fuzz_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_table(data, size, csv_read);
    return 0;
}
