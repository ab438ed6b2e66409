# Reads lines "KIND ADDRESS COUNT [MTU]", asks many of them at once, and prints "INDEX ok|fail WORDS" for each as soon as
# it is known; INDEX counts the lines from 0. Each kind is in one of the files that are required below:
#   icmp, unreachable, trace     echo.pl
#   udp, large, multicast        datagrams.pl
#   tcp, bulk                    stream.pl
#   unique                       neighbours.pl
# WORDS of a failure, for every kind:
#   timeout | refused | no-route     nobody answered, nothing listens, no route in the pod itself
#   lost LOST SENT [ARRIVED]         only some were answered; ARRIVED is how many of the questions the other side saw
#   icmp CODE FROM                   the network said "destination unreachable"
# or a text of several words.
use strict;
use warnings;

use constant { AT_ONCE => 32 };

my ($here) = $0 =~ m{^(.*)/};
require "$here/$_.pl" for qw(loop burst echo datagrams stream neighbours);

my $IPV4 = qr/(?:\d{1,3}\.){3}\d{1,3}/;
my %KINDS = (Echo::kinds(), Datagrams::kinds(), Stream::kinds(), Neighbours::kinds());

$| = 1;
$SIG{PIPE} = 'IGNORE';
my @waiting;
while (my $line = <STDIN>) {
    my ($kind, $address, $count, $mtu) = split ' ', $line;
    push @waiting, {
        index => scalar @waiting,
        kind => $kind // '',
        address => $address // '',
        count => ($count // '') =~ /^[1-9]\d{0,3}$/ ? $count : 1,
        mtu => ($mtu // '') =~ /^\d{3,5}$/ ? $mtu : undef,
    };
}

my %running;
while (@waiting || %running) {
    start(shift @waiting) while @waiting && keys %running < AT_ONCE;
    Loop::turn(values %running) if %running;
}

sub start {
    my ($probe) = @_;
    my $form = $probe->{kind} eq 'multicast' ? qr{$IPV4/$IPV4/$IPV4} : $IPV4;
    my $kind = $KINDS{ $probe->{kind} };
    $probe->{end} = sub {
        my ($verdict, $words) = @_;
        return if $probe->{over}++;
        print "$probe->{index} $verdict $words\n";
        delete $running{ $probe->{index} };
    };
    return $probe->{end}('fail', 'this is not a kind of probe') if !$kind;
    return $probe->{end}('fail', "this is not the address of a $probe->{kind}")
        if $probe->{address} !~ /^$form$/;
    $running{ $probe->{index} } = $probe;
    $kind->($probe);
}
