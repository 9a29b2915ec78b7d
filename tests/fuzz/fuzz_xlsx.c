/* fuzz_xlsx.c: any bytes as a workbook. */
#include "fuzz_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_table(data, size, xlsx_read);
    return 0;
}
