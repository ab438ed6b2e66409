# multicast.pl GROUP MEMBER OWN: sends five datagrams to port 7000 of a group by the interface that has the address OWN,
# and prints how many of them MEMBER answered within a second. Each has a port of its own, so that a doubled answer does
# not stand in for a lost one.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_IP IP_MULTICAST_IF inet_aton pack_sockaddr_in);

my ($group, $member, $own) = @ARGV;
my $target = pack_sockaddr_in 7000, inet_aton($group);
my $open = IO::Select->new;
for (1 .. 5) {
    my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => $own, Blocking => 0)
        or die "no interface has the address $own\n";
    setsockopt $socket, IPPROTO_IP, IP_MULTICAST_IF, inet_aton($own) or die "interface: $!\n";
    defined $socket->send("who am I\n", 0, $target) or die "cannot send: $!\n";
    $open->add($socket);
}

my $answered = 0;
$SIG{ALRM} = \&finish;
alarm 1;
while ($open->count) {
    for my $socket ($open->can_read) {
        next unless defined $socket->recv(my $answer, 2048) && $socket->peerhost eq $member;
        $open->remove($socket);
        $answered++;
    }
}
finish();

sub finish {
    print "$answered/5\n";
    exit;
}
