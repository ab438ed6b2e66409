# Answers every TCP connection and every UDP datagram on port 7000 with the address it came from. One process and no
# fork: socat's forking UDP listener was seen to hang under load.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

$SIG{TERM} = $SIG{INT} = sub { exit 0 };
$SIG{PIPE} = 'IGNORE';

my $tcp = IO::Socket::INET->new(Proto => 'tcp', LocalPort => 7000, Listen => 128, ReuseAddr => 1)
    or die "TCP port 7000: $@";
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalPort => 7000) or die "UDP port 7000: $@";
my $ready = IO::Select->new($tcp, $udp);

while (1) {
    for my $socket ($ready->can_read) {
        if ($socket == $udp) {
            $udp->recv(my $question, 2048);
            $udp->send($udp->peerhost . "\n") if defined $udp->peerhost;
        }
        elsif (my $connection = $tcp->accept) {
            # A caller that has hung up already has no address any more, and send would die of that.
            my $peer = $connection->peerhost;
            syswrite $connection, "$peer\n" if defined $peer;
            close $connection;
        }
    }
}
