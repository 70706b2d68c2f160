# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ssh with a command, and scp both ways, at an sshd with keys of its own. sshd runs itself again for each connection
# and shares the connection with a child without rights until the client is known: it is on TCP for so long, which
# strict mode would not let pass, and then on the ring.
needs="sshd ssh scp ssh-keygen"
strict="--wait $(pick 5000 30000)"

prepare() {
    # sshd locks itself in there when it may.
    in_server '[ "$(id -u)" != 0 ] || mkdir -p /run/sshd'
    size=$(pick 50000000 2000000)
    sshd=$(program sshd)
    in_server "rm -f hostkey*; ssh-keygen -q -t ed25519 -N '' -f hostkey"
    in_client "rm -f key*; ssh-keygen -q -t ed25519 -N '' -f key"
    in_client cat key.pub | put "$server" authorized_keys
    put "$server" sshd_config <<END
Port $port
ListenAddress $server_address
HostKey $(directory_of "$server")/hostkey
AuthorizedKeysFile $(directory_of "$server")/authorized_keys
PidFile none
PermitRootLogin yes
UsePAM no
UseDNS no
StrictModes no
Subsystem sftp internal-sftp
END
    put "$client" ssh_config <<END
Host peer
HostName $server_address
User $(in_server id -un)
Port $port
IdentityFile key
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile known_hosts
LogLevel ERROR
BatchMode yes
END
    in_client "head -c $size /dev/urandom >file"
    sum=$(in_client "sha256sum <file")
}

play() {
    serve "$sshd -D -e -f $(directory_of "$server")/sshd_config" || return
    same "7 words" "$(use "ssh -F ssh_config peer 'echo 7 words; exit 3'"; [ $? = 3 ] || echo no)" "a command's words and status"
    same "$sum" "$(use "ssh -F ssh_config peer sha256sum <file")" "bytes into a command's standard input"
    there=$(directory_of "$server")/there
    did "scp to the server" "scp -q -F ssh_config file peer:$there"
    same "$sum" "$(in_server "sha256sum <there")" "its bytes are the same"
    did "scp from the server" "scp -q -F ssh_config peer:$there back"
    same "$sum" "$(in_client "sha256sum <back; rm -f back")" "its bytes are the same"
    in_server rm -f there
    check_bulk
    job_kill "$server_job" TERM
    job_wait "$server_job" 10
}

check_bulk() {
    [ "$mode" = ring ] || { check_path; return; }
    path_of_client
    at_least 4 "$ring" "the client's connections were on the ring: $ring, $back went back"
    same 0 "$tcp" "none of the client's stayed on TCP"
    at_least $((size * 2)) "$sent" "the client's bytes went over the ring: $sent"
    at_least "$size" "$received" "the server's bytes went over the ring: $received"
    at_most 1000000 "$tcp_bytes" "few bytes went over TCP, while the connections were set up: $tcp_bytes"
    path_of_server
    at_least 4 "$ring" "the server's connections were on the ring: $ring, $back went back"
}
