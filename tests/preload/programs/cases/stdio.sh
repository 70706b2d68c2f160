# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A server that answers over the ring, then goes on as inetd would start it: with the connection at 0 and 1, where it reads with
# read() and writes with printf().
needs=python3
run_modes=ring

prepare() {
    put $server server.py <<'END'
import os, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
connection, _ = listener.accept()
for _ in range(20):
    connection.sendall(connection.recv(1))
import ctypes
os.dup2(connection.fileno(), 0)
os.dup2(connection.fileno(), 1)
connection.close()
library = ctypes.CDLL(None)
while byte := os.read(0, 1):
    library.printf(b"%c", byte[0])
    library.fflush(None)
END
    put $client client.py <<'END'
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
connection.settimeout(5)
for n in range(40):
    connection.sendall(b"x")
    if connection.recv(1) != b"x":
        sys.exit("the connection ended early")
END
}

play() {
    serve "python3 server.py $server_address $port" || return
    did "each byte comes back" "python3 client.py $server_address $port"
    server_ends
}
