#!/bin/bash
# echo_client.sh LINES: nc as a client, moved, of a server that is not.
mkfifo back
# shellcheck disable=SC2094 # That is what a pipe with a name is for.
nc -N -l 127.0.0.1 7002 <back | cat >back &
sleep 0.3
feed "$1" | moved nc -N 127.0.0.1 7002
