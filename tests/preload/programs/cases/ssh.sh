# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# ssh with a command, and scp both ways, at an sshd with keys of its own. sshd runs itself again for each connection
# and shares the connection with a child without rights until the client is known: it is on the ring, on TCP for so
# long, which strict mode would not let pass, and on the ring again. When that is, nobody can say; so two commands
# begin with small talk, until it is so, and then all of a file must go over the ring.
needs="sshd ssh scp ssh-keygen"
strict="--wait $(pick 5000 30000)"

prepare() {
    # sshd locks itself in there when it may.
    in_server '[ "$(id -u)" != 0 ] || mkdir -p /run/sshd'
    megabytes=$(pick 50 4)
    size=${megabytes}000000
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
    fill "$client" file "$megabytes"
    sum=$(in_client "sha256sum <file")
    put_talk "$server"
    put_talk "$client"
}

# Small talk from each place: lines until the log has more connections than COUNT back on the ring, then FILE.
put_talk() { # PLACE
    put "$1" talk <<'END'
# LOG COUNT FILE
tries=0
until [ "$(grep -c "on the ring again" "$1")" -gt "$2" ] || [ $((tries += 1)) -gt 3000 ]; do
    echo well
    sleep 0.01
done
[ "$tries" -le 3000 ] || exit
echo now
cat "$3"
END
    put "$1" hear <<'END'
while read -r word && [ "$word" != now ]; do :; done
sha256sum
END
}

# How often connections came back on to the ring, by now.
returns() { grep -c "on the ring again" || true; }

play() {
    serve "$sshd -D -e -f $(directory_of "$server")/sshd_config" || return
    same "7 words" "$(use "ssh -F ssh_config peer 'echo 7 words; exit 3'"; [ $? = 3 ] || echo no)" "a command's words and status"
    same "$sum" "$(use "ssh -F ssh_config peer sha256sum <file")" "bytes into a command's standard input"
    there=$(directory_of "$server")/there
    did "scp to the server" "scp -q -F ssh_config file peer:$there"
    same "$sum" "$(in_server "sha256sum <there")" "its bytes are the same"
    did "scp from the server" "scp -q -F ssh_config peer:$there back"
    same "$sum" "$(in_client "sha256sum <back; rm -f back")" "its bytes are the same"
    [ "$mode" != ring ] || talk
    in_server rm -f there
    check
    job_kill "$server_job" TERM
    job_wait "$server_job" 10
}

talk() {
    directory=$(directory_of "$server")
    count=$(in_client "cat client.log" | returns)
    same "$sum" "$(in_client "sh talk client.log $count file | $client_under ssh -F ssh_config peer sh $directory/hear")" \
        "bytes to the server, once it is on the ring again"
    count=$(in_server "cat server.log" | returns)
    same "$sum" "$(use "ssh -F ssh_config peer 'cd $directory && sh talk server.log $count there' | sh hear")" \
        "bytes from the server, once it is on the ring again"
}

check() {
    [ "$mode" = ring ] || { check_path; return; }
    path_of_client
    at_least 6 "$ring" "the client's connections were on the ring: $ring, $back went back"
    at_least "$size" "$sent" "the client's bytes went over the ring: $sent"
    at_least "$size" "$received" "the server's bytes went over the ring: $received"
    path_of_server
    at_least 6 "$ring" "the server's connections were on the ring: $ring, $back went back"
}
