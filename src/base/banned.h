/* banned.h: calls that are never right here; included by base.h. A file that
 * must use one (base/clock.c, base/log.c) defines MINGTANG_ALLOW_<CALL> with the reason. */
#ifndef MINGTANG_BANNED_H
#define MINGTANG_BANNED_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#define BANNED(f) sorry_##f##_is_banned_here
#undef strcpy
#define strcpy(x, y) BANNED(strcpy)
#undef strcat
#define strcat(x, y) BANNED(strcat)
#undef strncpy
#define strncpy(x, y, n) BANNED(strncpy)
#undef strncat
#define strncat(x, y, n) BANNED(strncat)
#undef strtok
#define strtok(x, y) BANNED(strtok)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef gets
#define gets(x) BANNED(gets)
#undef atoi
#define atoi(x) BANNED(atoi)
#undef system
#define system(x) BANNED(system)
#undef popen
#define popen(x, y) BANNED(popen)
#undef localtime
#define localtime(x) BANNED(localtime)
#undef gmtime
#define gmtime(x) BANNED(gmtime)
#undef ctime
#define ctime(x) BANNED(ctime)
#undef mktime
#define mktime(x) BANNED(mktime)
#ifndef MINGTANG_ALLOW_TIME /* base/clock.c alone: time comes from one clock passed in */
#undef time
#define time(x) BANNED(time)
#endif
#endif
