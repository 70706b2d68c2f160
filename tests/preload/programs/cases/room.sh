# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A program like socat, that writes a block when poll says POLLOUT: TCP says so only while there is much room.
needs=python3
run_modes=ring

prepare() {
    put $server server.py <<'END'
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
connection, _ = listener.accept()
connection.recv(1)
listener.settimeout(10)
listener.accept()
END
    put $client client.py <<'END'
import select, signal, socket, sys
address = (sys.argv[1], int(sys.argv[2]))
connection = socket.create_connection(address)
connection.sendall(b"x")
signal.signal(signal.SIGALRM, lambda *_: sys.exit("a write waits, though poll said POLLOUT"))
signal.alarm(5)
poll = select.poll()
poll.register(connection, select.POLLOUT)
while poll.poll(200):
    connection.send(bytes(5000))
signal.alarm(0)
socket.create_connection(address)
END
}

play() {
    serve "python3 server.py $server_address $port" || return
    did "what poll allows does not wait" "python3 client.py $server_address $port"
    server_ends
}
