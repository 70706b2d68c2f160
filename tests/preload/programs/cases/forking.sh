# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A server that closes its copy of a connection only after its child has been serving on the ring: it stays there.
needs=python3
run_modes=ring

prepare() {
    put $server server.py <<'END'
import os, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
connection, _ = listener.accept()
served, serves = os.pipe()
if os.fork() == 0:
    connection.sendall(connection.recv(1))
    os.write(serves, b"x")
    while byte := connection.recv(1):
        connection.sendall(byte)
    os._exit(0)
os.read(served, 1)
connection.close()
_, status = os.wait()
sys.exit(status != 0)
END
    put $client client.py <<'END'
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
for n in range(500):
    connection.sendall(b"x")
    if connection.recv(1) != b"x":
        sys.exit("the connection ended early")
END
}

play() {
    serve "python3 server.py $server_address $port" || return
    did "each byte comes back" "python3 client.py $server_address $port"
    server_ends
    check_path 1 500 500
}
