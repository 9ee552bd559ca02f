% octave-cli model.m: eigenvalues, an integral, a sieve.
rounds = str2double(argv(){1});
rand("twister", 5);
for round = 1:rounds
    a = rand(150) + round;
    values = sort(abs(eig(a)));
    area = quadgk(@(t) exp(-t .^ 2) .* cos(round * t), 0, 3);
    printf("%d %.6f %.8f %d\n", round, values(end), area, sum(primes(200000 + round)));
end
