# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A forked child sleeps in recv, on TCP, while its parent, which only writes, takes the connection to the ring again.
needs=python3
run_modes=ring

prepare() {
    put $server server.py <<'END'
import os, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
connection, _ = listener.accept()
turn, _ = listener.accept()
connection.sendall(connection.recv(1))
if os.fork() == 0:
    connection.sendall(connection.recv(1))
    os._exit(0)
while turn.recv(1):
    connection.sendall(b"w")
_, status = os.wait()
sys.exit(status != 0)
END
    # The connection comes back to a ring some time after the child has taken it: the turns are far apart.
    put $client client.py <<'END'
import socket, sys, time
address = (sys.argv[1], int(sys.argv[2]))
connection = socket.create_connection(address)
turn = socket.create_connection(address)
connection.sendall(b"a")
connection.recv(1)
for _ in range(20):
    turn.sendall(b"t")
    connection.recv(1)
    time.sleep(0.05)
connection.sendall(b"r")
connection.settimeout(5)
if connection.recv(1) != b"r":
    sys.exit("something else came back")
END
}

play() {
    serve "python3 server.py $server_address $port" || return
    did "the byte that a sleeping child is to read comes back" "timeout 20 python3 client.py $server_address $port"
    server_ends
}
