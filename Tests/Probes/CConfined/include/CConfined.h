/* What a confined process must not be able to do, and what it must, for the tests of its walls. */
#ifndef CCONFINED_H
#define CCONFINED_H

/* Opens, before the walls stand, what a process could have inherited: sockets, and `folder`. */
void confined_prepare(int port, const char *folder);

/* Tries the way out of that number. Returns 0 if it succeeded, else the error number; -1 if there is none of that number. */
int confined_try(int index);
const char *confined_name(int index);

/* What is answered with death. */
void confined_execute(void);
void confined_trace(void);

/* Encodes some pictures or sound, or filters them; returns how many packets or frames came out, or libav's error. */
int confined_encode(const char *encoder);
int confined_filter(const char *chain);

#endif
