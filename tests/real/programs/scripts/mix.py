# What interpreters do: strings, dictionaries, regular expressions, big numbers,
# compression, JSON. mix.py ROUNDS FILE
import hashlib
import json
import re
import sys
import zlib

rounds, path = int(sys.argv[1]), sys.argv[2]
with open(path, encoding="ascii") as file:
    lines = file.read().splitlines()
for round in range(rounds):
    counts = {}
    for line in lines[round * 1000:round * 1000 + 12000]:
        for word in re.findall(r"[a-z]{3,}", line):
            counts[word] = counts.get(word, 0) + 1
    text = json.dumps(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    packed = zlib.compress(text.encode(), 9)
    power = pow(round + 3, 20011, (1 << 521) - 1)
    print(round, len(counts), hashlib.sha256(packed).hexdigest(), power % 1000003)
    with open(f"round{round}.json", "w", encoding="ascii") as out:
        out.write(text)
