# unique: whether anything else on the link has ADDRESS, which is this pod's own: it asks by ARP, as RFC 5227 says. "alone",
# or "taken MAC".
package Neighbours;
use strict;
use warnings;
use Socket qw(AF_INET SOCK_DGRAM SOCK_RAW inet_aton);

use constant { AF_PACKET => 17, ARP => 0x0806, REQUEST => 1, REPLY => 2, SIOCGIFADDR => 0x8915 };
use constant { TRIES => 2, PAUSE => 0.12 };
use constant BROADCAST => "\xff" x 6;

sub kinds { return (unique => \&unique) }

sub unique {
    my ($probe) = @_;
    my $address = inet_aton($probe->{address});
    my @names = map { m{([^/]+)$} } glob '/sys/class/net/*';
    my ($name) = grep { address_of($_) eq $address } @names;
    return $probe->{end}('fail', "no interface has the address $probe->{address}") if !defined $name;
    my $mac = mac_of($name);
    # Where two of this pod's interfaces are on one link, its kernel answers by the other one.
    my %own = map { mac_of($_) => 1 } @names;
    socket my $link, AF_PACKET, SOCK_RAW, unpack('S', pack 'n', ARP)
        or return $probe->{end}('fail', "no packet socket: $!");
    bind $link, pack 'S n i S C C a8', AF_PACKET, ARP, fact($name, 'ifindex'), 0, 0, 0, ''
        or return $probe->{end}('fail', "no packet socket on $name: $!");
    $link->blocking(0);
    my $finish = sub {
        Loop::drop($link);
        $probe->{end}(@_);
    };
    # Of no address, so that nobody learns this one from the question.
    my $question = BROADCAST . $mac . pack 'n n n C C n a6 a4 a6 a4', ARP, 1, 0x0800, 6, 4, REQUEST, $mac, '', '', $address;
    my $tries = 0;
    $probe->{wake} = sub {
        return $finish->('ok', 'alone') if $tries++ >= TRIES;
        syswrite $link, $question;
        $probe->{due} = Loop::now() + PAUSE;
    };
    Loop::watch($link, sub {
        while (defined recv $link, my $frame, 128, 0) {
            next if length $frame < 42;
            my ($operation, $sender, $claimed) = unpack 'x20 n a6 a4', $frame;
            next if $operation != REPLY || $claimed ne $address || $own{$sender};
            return $finish->('fail', 'taken ' . join ':', unpack '(H2)6', $sender);
        }
    });
    $probe->{wake}();
}

# The IPv4 address of an interface, packed; empty if it has none.
sub address_of {
    my ($name) = @_;
    socket my $socket, AF_INET, SOCK_DGRAM, 0 or return '';
    my $request = pack 'a16 x16', $name;
    ioctl $socket, SIOCGIFADDR, $request or return '';
    return substr $request, 20, 4;
}

sub mac_of {
    my ($name) = @_;
    return pack 'H12', fact($name, 'address') =~ tr/://dr;
}

sub fact {
    my ($name, $what) = @_;
    open my $file, '<', "/sys/class/net/$name/$what" or return '';
    chomp(my $fact = <$file>);
    return $fact;
}

1;
