-- sieve.lua ROUNDS: primes, tables, coroutines, strings.
local rounds = tonumber(arg[1])
for round = 1, rounds do
    local limit, count, composite = 400000 + round, 0, {}
    for i = 2, limit do
        if not composite[i] then
            count = count + 1
            for k = i * i, limit, i do composite[k] = true end
        end
    end
    local walk = coroutine.wrap(function()
        for i = 1, 50000 do coroutine.yield(i * i % 97) end
        return -1
    end)
    local sum, parts = 0, {}
    for value in walk do
        if value < 0 then break end
        sum = sum + value
        parts[#parts + 1] = string.format("%x", value)
    end
    print(round, count, sum, #table.concat(parts))
end
