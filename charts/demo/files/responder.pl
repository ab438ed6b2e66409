# Port 7000 answers every TCP connection with the address it came from and this pod's name, and every UDP datagram that
# begins with a line "NUMBER" with "NUMBER ADDRESS NAME COUNT": how many came from that address and port so far. Nothing
# else is answered, so no two that answer keep each other going. Port 7001 answers every TCP connection, when its sending
# end is closed, with the number of bytes that came. One process and no fork: socat's forking UDP listener was seen to hang
# under load. Nothing here waits for a single caller.
# Environment: HOSTNAME, the pod's name; MULTICAST_GROUPS, what to join, as GROUP@INTERFACE with commas between. What is
# sent to port 7000 of a group is answered like any other datagram.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Socket qw(INADDR_ANY IPPROTO_IP IP_ADD_MEMBERSHIP inet_aton);

# How many callers may be sending at the same time, how many seconds each of them has, and of how many it is counted what
# came.
use constant { CALLERS => 256, TIME => 10, COUNTED => 4096 };

my $name = $ENV{HOSTNAME} // 'unknown';
my %counts;

$SIG{TERM} = $SIG{INT} = sub { exit 0 };
$SIG{PIPE} = 'IGNORE';

my $tcp = listener(7000);
my $bulk = listener(7001);
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalPort => 7000, Blocking => 0)
    or die "UDP port 7000: $@";
join_group(split /@/) for split /,/, $ENV{MULTICAST_GROUPS} // '';

my $ready = IO::Select->new($tcp, $bulk, $udp);
my %senders;
while (1) {
    for my $socket ($ready->can_read(%senders ? 1 : undef)) {
        if ($socket == $udp) {
            answer_datagram();
        }
        elsif ($socket == $tcp) {
            my $connection = $tcp->accept or next;
            # A caller that has hung up already has no address any more, and send would die of that.
            my $peer = $connection->peerhost;
            syswrite $connection, "$peer $name\n" if defined $peer;
            close $connection;
        }
        elsif ($socket == $bulk) {
            my $connection = $bulk->accept or next;
            next if keys %senders >= CALLERS;
            $connection->blocking(0);
            $ready->add($connection);
            $senders{$connection} = { socket => $connection, bytes => 0, end => time + TIME };
        }
        else {
            receive($senders{$socket});
        }
    }
    forget($_) for grep { $_->{end} <= time } values %senders;
}

sub listener {
    my ($port) = @_;
    my %options = (Proto => 'tcp', LocalPort => $port, Listen => 128, ReuseAddr => 1, Blocking => 0);
    return IO::Socket::INET->new(%options) || die "TCP port $port: $@";
}

sub answer_datagram {
    # What cannot be read after all has no sender, and must not be answered to the one before.
    my $sender = $udp->recv(my $question, 2048);
    return if !defined $sender || !defined $udp->peerhost;
    my ($number) = $question =~ /^(\d{1,5})\n/ or return;
    my ($port, $address) = ($udp->peerport, $udp->peerhost);
    return if grep { $port == $_ } 7000, 7001;
    %counts = () if keys %counts >= COUNTED && !$counts{$sender};
    my $count = ++$counts{$sender};
    $udp->send("$number $address $name $count\n");
}

# A group that cannot be joined must not keep the other networks from being answered; ready.sh says what is missing.
sub join_group {
    my ($group, $interface) = @_;
    open my $file, '<', "/sys/class/net/$interface/ifindex" or return;
    chomp(my $index = <$file>);
    my $membership = pack 'a4 a4 i', inet_aton($group), INADDR_ANY, $index;
    setsockopt $udp, IPPROTO_IP, IP_ADD_MEMBERSHIP, $membership or warn "$group\@$interface: $!\n";
}

# Takes what a sender has ready; at its end it is told how much that was.
sub receive {
    my ($sender) = @_;
    my $count = sysread $sender->{socket}, my $ignored, 1 << 18;
    if ($count) {
        $sender->{bytes} += $count;
        return;
    }
    return if !defined $count && $!{EAGAIN};
    syswrite $sender->{socket}, "$sender->{bytes}\n" if defined $count;
    forget($sender);
}

sub forget {
    my ($sender) = @_;
    $ready->remove($sender->{socket});
    close $sender->{socket};
    delete $senders{ $sender->{socket} };
}
