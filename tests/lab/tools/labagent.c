/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs in each guest: shell scripts for dom0, each in a session of its own, any number at a time.
 * When dom0 hangs up, the script's process group is killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "frames.h"

static pid_t start_script(const char *script, int out, int err)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setsid();
	if (dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir("/root") < 0)
		_exit(126);
	execl("/bin/sh", "sh", "-c", script, (char *)NULL);
	_exit(127);
}

/* 1: passed something on, 0: nothing there now, -1: end. */
static int pass_on(int from, int to, uint32_t type)
{
	static char data[FRAME_MAX];
	ssize_t n = read(from, data, sizeof data);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0 || send_frame(to, type, data, (uint32_t)n) < 0)
		return -1;
	return 1;
}

/* The script's end is its process's end: what it left in the background may go on with the pipes in
 * hand. */
static void serve_output(int client, pid_t pid, int out, int err)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), status;
	struct pollfd fds[] = {
		{ pidfd, POLLIN, 0 }, { client, POLLIN, 0 }, { out, POLLIN, 0 }, { err, POLLIN, 0 }
	};
	uint32_t code;

	while (!fds[0].revents) {
		if (poll(fds, 4, -1) < 0)
			continue;
		if (fds[1].revents) {
			kill(-pid, SIGKILL);
			exit(1);
		}
		if (fds[2].revents && pass_on(out, client, FRAME_OUT) < 0)
			fds[2].fd = -1;
		if (fds[3].revents && pass_on(err, client, FRAME_ERR) < 0)
			fds[3].fd = -1;
	}
	while (pass_on(out, client, FRAME_OUT) > 0 || pass_on(err, client, FRAME_ERR) > 0)
		;
	waitpid(pid, &status, 0);
	code = WIFSIGNALED(status) ? 128 + (uint32_t)WTERMSIG(status)
				   : (uint32_t)WEXITSTATUS(status);
	send_frame(client, FRAME_EXIT, &code, sizeof code);
}

static void serve(int client)
{
	int out[2], err[2];
	struct frame request;
	uint32_t number;
	char *script;
	pid_t pid;

	if (read_all(client, &request, sizeof request) < 0 || request.type != FRAME_RUN)
		return;
	script = calloc(1, (size_t)request.length + 1);
	if (!script || read_all(client, script, request.length) < 0)
		return;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return;
	pid = start_script(script, out[1], err[1]);
	if (pid < 0)
		return;
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	number = (uint32_t)pid;
	send_frame(client, FRAME_PID, &number, sizeof number);
	serve_output(client, pid, out[0], err[0]);
}

int main(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(LAB_PORT) };
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1,
	    null = open("/dev/null", O_RDWR);

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(server, 64) < 0) {
		perror("labagent");
		return 1;
	}
	dup2(null, 0);
	for (;;) {
		int client = accept4(server, NULL, NULL, SOCK_CLOEXEC);

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (client < 0)
			continue;
		setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (fork() == 0) {
			serve(client);
			_exit(0);
		}
		close(client);
	}
}
