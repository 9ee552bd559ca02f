# words.pl ROUNDS FILE: counts, sorts, substitutes.
use strict;
use warnings;

my ($rounds, $path) = @ARGV;
for my $round (1 .. $rounds) {
    my (%count, %pairs);
    open(my $in, '<', $path) or die "$path: $!";
    while (my $line = <$in>) {
        my @words = split ' ', $line;
        $count{$_}++ for @words[1 .. $#words];
        (my $folded = $line) =~ s/([aeiou])([^aeiou ])/$2$1/g;
        $pairs{ substr($folded, -4, 3) }++;
    }
    close($in);
    my @most = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
    printf "%d %d %s %d\n", $round, scalar(@most), join(',', @most[0 .. 4]), scalar(keys %pairs);
}
