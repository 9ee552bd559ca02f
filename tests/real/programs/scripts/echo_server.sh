#!/bin/bash
# echo_server.sh LINES FOLDER: nc listens and gives back what it gets, moved; a
# client that is not asks it.
mkfifo back
# shellcheck disable=SC2094 # That is what a pipe with a name is for.
moved nc -N -l 127.0.0.1 7001 <back | tee back >got &
server=$!
until exec 3<>/dev/tcp/127.0.0.1/7001; do sleep 0.1; done 2>/dev/null
for ((i = 0; i < $1; i++)); do
    sed -n "$((i * 9 + 1)),$((i * 9 + 9))p" "$2/text" >asked
    cat asked >&3
    for ((k = 0; k < 9; k++)); do
        IFS= read -r -t 20 -u 3 line || exit 1
        printf '%s\n' "$line"
    done | cmp - asked || exit 1
    sleep 0.1
done
exec 3>&-
wait "$server"
cksum got
