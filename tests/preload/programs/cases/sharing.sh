# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What processes and threads that have the same connection see of each other's doing.
needs=python3
run_modes=ring

prepare() {
    put "$server" server.py <<'END'
import os, select, signal, socket, sys, threading, time

def waits_by(connection, make_wait):
    "A child waits; its parent, which only writes, takes the connection to the ring."
    if (child := os.fork()) == 0:
        signal.alarm(20)
        wait = make_wait()
        for _ in range(3):
            wait()
            connection.recv(4, socket.MSG_WAITALL)
        os._exit(0)
    for _ in range(3):
        time.sleep(0.7)
        connection.sendall(b"ping")
        time.sleep(0.3)
        connection.sendall(b"PING")
    return os.waitpid(child, 0)[1] == 0

def waits(connection, _):
    "In recv()."
    return waits_by(connection, lambda: lambda: None)

def by_set_in(connection, kind):
    "By a set that is inside of another one, or polled."
    def make_wait():
        inner, outer = select.epoll(), kind()
        inner.register(connection, select.EPOLLIN)
        outer.register(inner, select.EPOLLIN)
        # Both have to live.
        return lambda: (inner, outer.poll())
    return waits_by(connection, make_wait)

def inside(connection, _):
    return by_set_in(connection, select.epoll)

def polled(connection, _):
    return by_set_in(connection, select.poll)

def rests(connection, other):
    "Bytes left over of a parent's ring are not read yet, and nobody is to be busy with them."
    time.sleep(1)
    if (child := os.fork()) == 0:
        connection.recv(1)
        time.sleep(0.2)
        poll = select.poll()
        poll.register(other, select.POLLIN)
        before = time.process_time()
        poll.poll(2000)
        idle = time.process_time() - before < 0.5
        left = 4999
        while left > 0 and (got := connection.recv(left)):
            left -= len(got)
        os._exit(not idle or left != 0)
    return os.waitpid(child, 0)[1] == 0

def replaced(connection, other):
    "While a thread is in recv() its number becomes another connection's: it stays with its own."
    got = []
    number = connection.fileno()
    connection.set_inheritable(True)
    kept = os.dup(number)
    os.system("true")
    thread = threading.Thread(target=lambda: got.append(connection.recv(3)))
    thread.start()
    time.sleep(0.5)
    os.dup2(other.fileno(), number)
    thread.join(20)
    os.close(kept)
    return got == [b"old"] and other.recv(3) == b"new"

def stopped(connection, _):
    "A child that has the ring is stopped, which is nothing to a parent that looks at other things."
    epoll = select.epoll()
    epoll.register(connection, select.EPOLLIN)
    if (child := os.fork()) == 0:
        epoll.close()
        while True:
            connection.sendall(b"ping")
            time.sleep(0.1)
    time.sleep(1.5)
    os.kill(child, signal.SIGSTOP)
    before = time.monotonic()
    for _ in range(5):
        epoll.poll(0.1)
    soon = time.monotonic() - before < 5
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return soon

listener = socket.create_server((sys.argv[2], int(sys.argv[3])))
connections = [listener.accept()[0] for _ in range(2)]
for connection in connections:
    connection.sendall(connection.recv(1))
well = globals()[sys.argv[1]](*connections)
connections[0].sendall(b"$")
sys.exit(not well)
END
    put "$client" client.py <<'END'
import socket, sys, time

def waits(connection, _):
    for _ in range(3):
        for _ in range(8):
            connection.recv(1)
        connection.sendall(b"pong")

inside = polled = waits

def rests(connection, _):
    connection.sendall(5000 * b"x")
    connection.shutdown(socket.SHUT_WR)

def replaced(connection, other):
    other.sendall(b"new")
    time.sleep(2)
    connection.sendall(b"old")

def stopped(connection, _):
    pass

connections = [socket.create_connection((sys.argv[2], int(sys.argv[3]))) for _ in range(2)]
for connection in connections:
    connection.sendall(b"x")
    connection.recv(1)
globals()[sys.argv[1]](*connections)
# Both stay to the end, as an end shows by itself.
while connections[0].recv(1) not in (b"$", b""):
    pass
END
}

play() {
    for what in waits inside polled rests replaced stopped; do
        serve "python3 server.py $what $server_address $port" || return
        did "$what" "python3 client.py $what $server_address $port"
        server_ends
    done
    path_of_server
    at_least 12 "$ring" "all connections were on the ring: $ring"
}
