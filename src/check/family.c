/* SPDX-License-Identifier: Apache-2.0 */
#include "check/family.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What is beyond is seen in the next round, when the first ones are gone. */
#define PROCESSES_MAX 32768

/* A pause between rounds: short at first, longer when somebody is stuck. */
#define PAUSE_MIN_MS 1
#define PAUSE_MAX_MS 200

struct process {
	pid_t pid, parent;
	char state;
	bool ours;
};

static struct process processes[PROCESSES_MAX];

/* proc(5): "PID (NAME) STATE PARENT ..."; a name may have anything in it, brackets too. */
static bool process_read(const char *pid, struct process *ret)
{
	char path[32], line[512];
	const char *behind;
	size_t length;
	FILE *from;
	int parent;

	snprintf(path, sizeof(path), "/proc/%.10s/stat", pid);
	from = fopen(path, "re");
	if (!from)
		return false;
	length = fread(line, 1, sizeof(line) - 1, from);
	fclose(from);
	line[length] = '\0';
	behind = strrchr(line, ')');
	if (!behind || sscanf(behind, ") %c %d", &ret->state, &parent) != 2)
		return false;
	ret->pid = (pid_t)atoi(pid);
	ret->parent = parent;
	ret->ours = false;
	return true;
}

static size_t processes_read(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	if (!proc)
		return 0;
	while (n < PROCESSES_MAX && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			n += process_read(entry->d_name, &processes[n]);
	closedir(proc);
	return n;
}

static bool is_ours(pid_t pid, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (processes[i].pid == pid)
			return processes[i].ours;
	return false;
}

/* Marks the descendants: those of ours, and, until nobody is added, those of the marked ones. */
static void family_mark(size_t n)
{
	pid_t self = getpid();
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			struct process *p = &processes[i];

			if (p->ours || (p->parent != self && !is_ours(p->parent, n)))
				continue;
			p->ours = more = true;
		}
	}
}

static bool is_still(char state)
{
	return strchr("TtZXD", state) != NULL;
}

/*
 * Whoever is stopped forks no more. Returns whether all of them were stopped already, and nobody
 * can have been missed.
 */
static bool family_stop(size_t n)
{
	bool still = true;

	for (size_t i = 0; i < n; i++) {
		if (!processes[i].ours || is_still(processes[i].state))
			continue;
		(void)kill(processes[i].pid, SIGSTOP);
		still = false;
	}
	return still;
}

static void family_kill(size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (processes[i].ours)
			(void)kill(processes[i].pid, SIGKILL);
}

/* Reaps whoever has ended. False when there is no child left. */
static bool family_reap(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG | __WALL);
	while (pid > 0 || (pid < 0 && errno == EINTR));
	return pid == 0;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

void family_end(void)
{
	long pause = PAUSE_MIN_MS;

	while (family_reap()) {
		size_t n = processes_read();

		family_mark(n);
		if (family_stop(n)) {
			family_kill(n);
			pause_ms(pause);
			pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
		}
	}
}
