/* unit.h: what every unit test includes. */
#ifndef MINGTANG_UNIT_H
#define MINGTANG_UNIT_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#undef fail /* ours: base/errors.h */
#include "base/base.h"
#endif
