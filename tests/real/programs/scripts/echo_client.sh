#!/bin/bash
# echo_client.sh LINES: nc as a client, moved, of a server that is not, and that
# gives back all that comes before the end.
/usr/bin/python3 - <<'END' &
import socket
server = socket.create_server(("127.0.0.1", 7002))
client = server.accept()[0]
while data := client.recv(65536):
    client.sendall(data)
END
sleep 1
feed "$1" | moved nc -N 127.0.0.1 7002
